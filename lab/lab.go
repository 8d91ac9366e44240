// Package lab brings up real hosts on one machine, for tests, benchmarks and
// demos: containers with sshd and a Docker engine of their own, a deployer to
// run mrsk in, a registry and a load balancer, on a network where they find
// each other by name. It can make hosts fail in the ways that hosts do, and
// send traffic and tell what was lost.
//
// It refuses to know anything of mrsk itself: what is tested is put in, not
// linked in.
package lab

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Options are the options of a lab.
type Options struct {
	Name     string        // names containers and network; made up when empty
	Hosts    int           // vm1…vmN, 1 if 0
	Engine   Engine        // Docker of the hosts; DefaultEngine if empty
	Shells   []string      // /bin/sh of each host: dash (default), bash or busybox
	RTT      time.Duration // round-trip time of SSH from the deployer to hosts
	Balanced []string      // hosts behind the balancer, all if empty
	Binary   string        // put into the deployer as /usr/local/bin/mrsk
	Store    string        // keep what is pushed to the registry under this name, for a later lab
	Keep     bool          // outlive this process

	// NoRegistry brings the lab up without a registry. As if pulled before, the hosts have the image
	// traefik:v3.7 and the deployer has sample.
	NoRegistry bool

	Log io.Writer // told what takes long; nil for silence
}

var (
	validName  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)
	validHost  = regexp.MustCompile(`^vm[1-9][0-9]*$`)
	shells     = []string{"", "dash", "bash", "busybox"}
	errRunning = errors.New("is up already")
)

// maxHosts is where one machine's Docker networks and memory come to an end.
const maxHosts = 30

func (o Options) withDefaults() (Options, error) {
	if o.Name == "" {
		o.Name = "x" + randomName()
	}
	if o.Engine == "" {
		o.Engine = DefaultEngine()
	}
	o.Hosts = max(o.Hosts, 1)
	o.Log = quiet(o.Log)
	for _, name := range []string{o.Name, "x" + o.Store} {
		if !validName.MatchString(name) {
			return o, fmt.Errorf("%q is no name for a lab or store: small letters, digits and dashes, up to 30", name)
		}
	}
	if o.Hosts > maxHosts || len(o.Shells) > o.Hosts {
		return o, fmt.Errorf("%d hosts with %d shells: at most %d, and a shell for each", o.Hosts, len(o.Shells), maxHosts)
	}
	if err := o.Engine.check(); err != nil {
		return o, err
	}
	for _, shell := range o.Shells {
		if !slices.Contains(shells, shell) {
			return o, fmt.Errorf("unknown shell %q: dash, bash or busybox", shell)
		}
	}
	return o.balanced()
}

func (o Options) balanced() (Options, error) {
	for _, name := range o.Balanced {
		if !slices.Contains(o.hostNames(), name) {
			return o, fmt.Errorf("balanced host %q is not in the lab", name)
		}
	}
	if len(o.Balanced) == 0 {
		o.Balanced = o.hostNames()
	}
	return o, nil
}

func (o Options) hostNames() []string {
	var names []string
	for i := range o.Hosts {
		names = append(names, fmt.Sprintf("vm%d", i+1))
	}
	return names
}

func (o Options) shell(host int) string {
	if host < len(o.Shells) && o.Shells[host] != "" {
		return o.Shells[host]
	}
	return "dash"
}

func randomName() string {
	b := make([]byte, 4)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// Lab is a running set of hosts with a deployer, a registry and a balancer.
type Lab struct {
	Name     string
	Hosts    []*Host // vm1…vmN
	Deployer *Host   // here mrsk runs: ssh key, git, docker with buildx
	Registry *Host   // registry:5000, not there with Options.NoRegistry
	Balancer *Host   // http://balancer/

	delayed bool // SSH goes through relays
}

// newLab names the parts of a lab that is, or is to be, there.
func newLab(name string, hosts []string) *Lab {
	l := &Lab{Name: name}
	part := func(part string) *Host { return &Host{Name: part, lab: l} }
	l.Deployer, l.Registry, l.Balancer = part("deployer"), part("registry"), part("balancer")
	for _, host := range hosts {
		l.Hosts = append(l.Hosts, part(host))
	}
	return l
}

// URL is the balancer's address as seen from the deployer.
func (l *Lab) URL() string { return "http://balancer" }

// Host returns the host or other part with the name, or nil.
func (l *Lab) Host(name string) *Host {
	for _, h := range l.parts() {
		if h.Name == name {
			return h
		}
	}
	return nil
}

func (l *Lab) parts() []*Host {
	return append([]*Host{l.Deployer, l.Registry, l.Balancer}, l.Hosts...)
}

func (l *Lab) network() string { return "mrsk-lab-" + l.Name }

// Close removes the lab with its containers, volumes and network.
func (l *Lab) Close() error {
	return Remove(context.Background(), l.Name)
}

// Open returns a lab that is already running, such as one that was kept.
func Open(ctx context.Context, name string) (*Lab, error) {
	format := fmt.Sprintf("{{.Label %q}}", labelPart)
	parts, err := docker(ctx, "ps", "--filter", "label="+labelName+"="+name, "--format", format)
	if err != nil {
		return nil, err
	}
	hosts := slices.DeleteFunc(strings.Fields(parts), func(part string) bool { return !validHost.MatchString(part) })
	if len(hosts) == 0 {
		return nil, fmt.Errorf("there is no lab %q", name)
	}
	slices.SortFunc(hosts, func(a, b string) int {
		return firstDifference(len(a)-len(b), strings.Compare(a, b))
	})
	l := newLab(name, hosts)
	l.delayed = l.relaysRun(ctx)
	return l, nil
}

func firstDifference(differences ...int) int {
	for _, d := range differences {
		if d != 0 {
			return d
		}
	}
	return 0
}
