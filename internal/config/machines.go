package config

import (
	"strings"

	"mrsk/internal/yamltree"
)

// machine is the deprecated form of builder/local and builder/remote: an architecture, and the Docker
// endpoint that builds for it.
type machine struct{ arch, host string }

var machineSection = section[machine]{
	name: "builder/remote",
	doc:  "The deprecated form of builder/local and builder/remote: a machine for each architecture.",
	fields: []field[machine]{
		{"arch", "string", "", "Architecture that the machine builds for. Required.", word(func(m *machine) *string { return &m.arch })},
		{"host", "string", "", "Docker endpoint of the machine. The default is this machine.", word(func(m *machine) *string { return &m.host })},
	},
}

func readMachine(v value) machine {
	var m machine
	machineSection.read(v, &m)
	switch arch := v.at("arch"); {
	case arch.absent():
		arch.or(v).problem("is required")
	case m.arch != "" && !archName.MatchString(m.arch):
		arch.problem("%q is not an architecture such as amd64 or arm64", m.arch)
	}
	return m
}

// readRemote reads builder/remote. false means none.
func readRemote(v value, b *Builder) {
	if is, ok := v.Bool(); ok && !is {
		return
	}
	if v.Kind != yamltree.Map || len(v.Entries) == 0 {
		word(func(b *Builder) *string { return &b.Remote })(v, b)
		return
	}
	m := readMachine(v)
	b.Remote, b.remoteArch = m.host, m.arch
}

func readLocal(v value, b *Builder) {
	if v.Kind != yamltree.Map {
		boolean(func(b *Builder) *bool { return &b.Local })(v, b)
		return
	}
	m := readMachine(v)
	b.LocalArch, b.LocalHost = m.arch, m.host
}

func readMultiarch(v value, b *Builder) {
	if is, ok := v.boolean(); ok {
		b.multiarch = &is
	}
}

// convertMachines converts the deprecated keys to the current ones: the architectures of the machines
// become those of the image, and a remote machine without a local one builds alone.
func convertMachines(v value, b *Builder) {
	if b.multiarch != nil && !*b.multiarch && b.remoteArch != "" {
		b.LocalArch, b.LocalHost = "", "" // it built on the remote machine alone
	}
	if b.Remote != "" && b.remoteArch != "" && b.LocalArch == "" {
		b.Local = false
	}
	if len(b.Arch) == 0 {
		for _, arch := range []string{b.LocalArch, b.remoteArch} {
			if arch != "" {
				b.Arch = append(b.Arch, arch)
			}
		}
	}
	noteMachines(v, b)
	if b.multiarch == nil {
		return
	}
	switch {
	case *b.multiarch && len(b.Arch) == 0:
		b.Arch = []string{"amd64", "arm64"}
	case !*b.multiarch && len(b.Arch) > 1:
		v.at("multiarch").problem("false allows one architecture, but there are several")
	case !*b.multiarch && v.at("driver").absent() && b.Cache == nil && b.Remote == "":
		b.Driver = "docker"
	}
}

// noteMachines adds notices that name the current keys.
func noteMachines(v value, b *Builder) {
	for _, key := range []string{"local", "remote"} {
		if at := v.at(key); !at.absent() && at.Kind == yamltree.Map {
			var newer flow
			if key == "remote" && b.Remote != "" {
				newer.add("remote", b.Remote)
			}
			newer.add("arch", "["+strings.Join(b.Arch, ", ")+"]")
			at.older("write builder: %v", newer)
		}
	}
	switch {
	case b.multiarch == nil:
	case *b.multiarch:
		v.at("multiarch").older("write builder: {arch: [amd64, arm64]}; without it, the image is for the architectures of the hosts")
	default:
		v.at("multiarch").older("remove it; the image is for the architectures of the hosts")
	}
}
