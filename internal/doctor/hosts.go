package doctor

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/diagnose"
	"mrsk/internal/traefik"
)

const (
	// maxClock is how far a host's clock may be off.
	maxClock = time.Minute
	// fewSessions is a limit of sshd under which work must wait.
	fewSessions = 4
	// spareDisk should be free beside the images, in bytes.
	spareDisk = 1 << 30
	// oldestDocker is the first version that mrsk is tested with.
	oldestDocker = "20.10"
)

// Hosts checks what hosts answered. now is the time on the operator's machine.
func Hosts(c *config.Scope, all []Host, now time.Time) []Finding {
	var out []Finding
	for _, h := range all {
		out = append(out, h.rights()...)
		out = append(out, h.limits(now)...)
		out = append(out, h.ports(c)...)
		if arch := c.Project.Builder.Arch; h.Arch != "" && len(arch) > 0 && !slices.Contains(arch, h.Arch) && slices.Contains(c.AppHosts(), h.Name) {
			out = append(out, found(ArchOther, []string{h.Name}, "set builder: {arch: ["+strings.Join(append(slices.Clone(arch), h.Arch), ", ")+"]}",
				"the host is %s, and the image is built for %s", h.Arch, strings.Join(arch, ", ")))
		}
	}
	return out
}

// Ready reports whether mrsk can work on the host.
func (h Host) Ready() bool { return h.Docker != "" && len(h.Missing) == 0 }

// rights are about what the SSH user can do.
func (h Host) rights() []Finding {
	var out []Finding
	on := []string{h.Name}
	switch {
	case h.Docker == "" && diagnose.Output(h.DockerSays).Cause == diagnose.DockerDenied:
		out = append(out, found(DockerDenied, on, "mrsk server bootstrap --hosts "+h.Name, "user %s may not use Docker", h.User))
	case h.Docker == "":
		out = append(out, found(DockerMissing, on, "mrsk server bootstrap --hosts "+h.Name, "Docker does not answer: %.100s", cmp.Or(h.DockerSays, "no output")))
	case config.OlderThan(h.Docker, oldestDocker):
		out = append(out, found(DockerOld, on, "upgrade Docker on the host to "+oldestDocker+" or newer", "Docker is %s", h.Docker))
	}
	if len(h.Missing) > 0 {
		out = append(out, found(ProgramsMissing, on, "install them with the host's package manager", "the host lacks %s", strings.Join(h.Missing, ", ")))
	}
	return out
}

func (h Host) limits(now time.Time) []Finding {
	var out []Finding
	on := []string{h.Name}
	if h.MaxSessions > 0 && h.MaxSessions < fewSessions {
		out = append(out, found(SessionsLimited, on, "set MaxSessions 10 in /etc/ssh/sshd_config, and reload sshd", "MaxSessions of sshd is %d", h.MaxSessions))
	}
	if off := h.Clock.Sub(now); !h.Clock.IsZero() && off.Abs() > maxClock {
		out = append(out, found(ClockOff, on, "mrsk server exec --hosts "+h.Name+" timedatectl set-ntp true", "the clock is off by %s", off.Round(time.Second)))
	}
	if need := h.ImageSize + spareDisk; h.Disk.Free > 0 && h.Disk.Free < need {
		out = append(out, found(DiskLow, on, "mrsk prune all --hosts "+h.Name, "%.1f GB are free, and %.1f GB are needed", float64(h.Disk.Free)/1e9, float64(need)/1e9))
	}
	return out
}

// ports are about those that the proxy needs, and those that others have opened.
func (h Host) ports(c *config.Scope) []Finding {
	var out []Finding
	run := c.Project.ProxyRunOn(h.Name)
	wanted := []int{run.HTTPPort, run.HTTPSPort}
	if !slices.Contains(c.ProxyHosts(), h.Name) || !run.Publish {
		wanted = nil
	}
	for _, port := range wanted {
		owner, taken := h.owner(port)
		if port > 0 && taken && owner != traefik.Container {
			out = append(out, found(PortTaken, []string{h.Name}, "stop it, or set proxy/run/http_port or https_port; mrsk upgrade replaces kamal-proxy",
				"port %d belongs to %s", port, cmp.Or(owner, "a program outside of Docker")))
		}
	}
	var said []string
	for _, p := range h.Published {
		all := p.Address == "0.0.0.0" || p.Address == "::" || p.Address == ""
		key := p.Container + strconv.Itoa(p.Port)
		if !all || p.Container == traefik.Container || slices.Contains(wanted, p.Port) || slices.Contains(said, key) {
			continue
		}
		said = append(said, key)
		out = append(out, found(PortOpen, []string{h.Name}, "publish it as 127.0.0.1:"+strconv.Itoa(p.Port)+", or close it in front of the host",
			"container %s publishes port %d on all addresses", p.Container, p.Port))
	}
	return out
}

// owner is the container that has the port, "" for another program.
func (h Host) owner(port int) (container string, taken bool) {
	for _, p := range h.Published {
		if p.Port == port {
			return p.Container, true
		}
	}
	return "", slices.Contains(h.Listening, port)
}
