// Package facts holds what was seen on a host, at one moment and in one round trip. Facts are
// data: what to make of them is the business of the features, each of which also owns the lines
// that fetch its part and the parser for it.
package facts

import (
	"slices"
	"strings"
	"time"

	"mrsk/internal/docker"
	"mrsk/internal/redact"
)

// Host is what was seen on one host.
type Host struct {
	Name   string
	Engine Engine
	// Seen are containers as docker tells of them: those of the services that were asked for, and
	// the proxy.
	Seen []docker.Seen
	// Containers are those of the service and destination at hand, of all its roles, newest
	// first.
	Containers []Container
	Images     []Image
	// Accessories are those that were asked for and that the host has something of.
	Accessories []Accessory
	Proxy       Proxy
	Routes      []Route  // of all apps on the host
	Former      []Former // proxies of other tools of the family, where they were looked for
	Others      []Other  // containers that may be behind those
	Shared      []Route  // files about certificates that come from other hosts, without their keys
	Lock        Lock     // where it was looked for; else it reads as free
	Network     bool     // docker's network of mrsk exists: it was asked for, or a container that was seen runs on it
	Missing     []string // programs that scripts need and the host lacks
	Disk        Disk     // where it was looked for
	Issued      string   // certificates of the proxy, for traefik.ReadIssued, where they were looked for
	Audit       []Audit  // the last lines of the app's audit log, oldest first, where they were looked for
}

// Engine is the host's Docker.
type Engine struct {
	Version string
	Arch    string // amd64, arm64, …
}

// Disk is the file system that holds Docker's data, in bytes. Free is what users other
// than root can still write. It is zero where it is not known.
type Disk struct {
	Total, Free int64
}

// AuditKind is what a line of the audit log is about, as far as something depends on it.
type AuditKind string

// The kinds. Other lines have none.
const (
	AuditBooted AuditKind = "booted" // the host runs a version from then on
	AuditUndone AuditKind = "undone" // the host went back
)

// Audit is a line of the app's audit log on a host.
type Audit struct {
	At   time.Time
	Who  string
	Role string // "" without one
	Text string // what was done
	Kind AuditKind
	// Complete and Reason are about an undo: whether all of it succeeded, and why it happened, see
	// script.Session.
	Complete bool
	Reason   string
	// Command, Version, Run and Took are about the run of mrsk, as far as the line tells: the command,
	// the version that it was about, an identifier that is the same on all hosts, and the time from the
	// beginning of the work on the host to the line.
	Command, Version, Run string
	Took                  time.Duration
}

// Container is a container as docker tells it.
type Container struct {
	ID       string
	Name     string
	Image    string // id
	Role     string
	Version  string
	Alias    string // its name on the proxy's network, "" if it has none
	State    string // created, running, exited, …
	Health   string // healthy, unhealthy, starting, or "" without a health check
	Restart  string
	Restarts int // how often docker has restarted it since it was started
	ExitCode int // of the last run; 0 if it runs or never ran
	// Detached reports that it runs without the proxy's network, on which it has a name: no other container
	// reaches it. Docker starts a container so whose first start failed.
	Detached bool
	// Placement is on which hosts each role was to run when the container was started, by role;
	// nil where it does not tell.
	Placement map[string][]string
	// Settings are what the configuration said about the role then, as app.Settings returns them; nil where it does
	// not tell.
	Settings map[string]string
	// Env is its environment, that of the image included, where it was asked for; nil otherwise.
	Env      map[string]redact.String
	Created  time.Time
	Started  time.Time // zero if never
	Finished time.Time // zero if never
}

// ContainerOf is what docker told of a container, without what only an app's container has: Role
// and Version.
func ContainerOf(c docker.Seen) Container {
	return Container{
		ID: c.ID, Name: strings.TrimPrefix(c.Name, "/"), Image: c.Image, Alias: c.Alias(),
		State: c.State, Health: c.Health, Restart: c.Policy(), Restarts: c.Restarts, ExitCode: c.Exit,
		Detached: c.Alias() != "" && c.Detached(), Created: c.Created, Started: c.Started, Finished: c.Finished,
	}
}

// Running reports whether the container runs, be it paused or restarting.
func (c Container) Running() bool {
	return c.State == "running" || c.State == "paused" || c.State == "restarting"
}

// Accessory is what there is of an accessory.
type Accessory struct {
	Service   string
	Container Container // its ID is "" when there is none
	Reference string    // the image that the container was made from, as it was named
	Command   string    // what the container runs
	Config    string    // hash of how the container was made, "" if another tool made it
	Image     string    // id of the image that the configuration names, "" if the host lacks it
	Folder    bool      // it has a folder in the home of the user
}

// Image is an image of the service.
type Image struct {
	ID      string
	Tags    []string  // full references
	Digests []string  // repository@sha256:…
	Created time.Time // when it was built, zero if unknown
}

// Proxy is the proxy's container.
type Proxy struct {
	ID     string // "" when there is none
	State  string
	Image  string   // as given when it was started
	Helper string   // image for what is done to its files while it does not run: Image, or without a container the configured one
	Config string   // hash of how it was started
	Client bool     // it was started with the plugin that tells apps about their clients
	Lacks  []string // programs that the image should have and has not
	// Detached is a proxy that runs without its network: it reaches no container.
	Detached bool
}

// Running reports whether the proxy serves.
func (p Proxy) Running() bool { return p.State == "running" }

// Former is a proxy that another tool of the family made.
type Former struct {
	ID      string
	Name    string
	State   string
	Restart string
	Ports   []int // of the host, that it publishes when it runs
	// Servers are those of ACME that it was told to ask; without any it is Let's Encrypt.
	Servers      []string
	Certificates string // that it has got by ACME: PEM, without keys and chains
}

// Running reports whether the proxy holds its ports.
func (f Former) Running() bool {
	return f.State == "running" || f.State == "paused" || f.State == "restarting"
}

// Other is a running container that mrsk has not made.
type Other struct {
	Name, Service, Role, Destination string
	Traefik                          bool // it has labels for a Traefik that reads them
	Served                           bool // kamal-proxy leads to it
}

// Route is a file in the proxy's volume.
type Route struct {
	File    string
	Content string
}

// Lock says who works on the service, and whether somebody froze it.
type Lock struct {
	Holder string // record of the running command, "" if nobody holds the lock
	Freeze string // message of an explicit lock, "" without one
}

// Of returns the containers of a role, newest first.
func (h Host) Of(role string) []Container {
	return slices.DeleteFunc(slices.Clone(h.Containers), func(c Container) bool { return c.Role != role })
}

// Accessory returns what there is of an accessory, known by its service.
func (h Host) Accessory(service string) Accessory {
	for _, a := range h.Accessories {
		if a.Service == service {
			return a
		}
	}
	return Accessory{Service: service}
}

// Route returns the content of a route file, and whether there is one.
func (h Host) Route(file string) (string, bool) {
	for _, r := range h.Routes {
		if r.File == file {
			return r.Content, true
		}
	}
	return "", false
}
