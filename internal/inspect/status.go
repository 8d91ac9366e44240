package inspect

import (
	"slices"
	"strings"
	"time"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/observe"
	"mrsk/internal/traefik"
)

// StatusSchema is the version of the JSON form of Status. It grows when a field changes its meaning.
const StatusSchema = 1

// Status is what runs where, and in what it differs from the configuration.
type Status struct {
	Schema       int           `json:"schema"` // StatusSchema
	Service      string        `json:"service"`
	Destination  string        `json:"destination,omitempty"`
	Version      string        `json:"version"` // deploy.FleetVersion
	URLs         []string      `json:"urls"`
	Roles        []RoleStatus  `json:"roles"` // a role on a host
	Hosts        []HostStatus  `json:"hosts"`
	Accessories  []Accessory   `json:"accessories"`
	Certificates []Certificate `json:"certificates"`
	Locks        []Lock        `json:"locks"`
	Drift        []Drift       `json:"drift"`       // empty: all is as configured and healthy
	Unreachable  []Unreachable `json:"unreachable"` // nothing is known of these hosts
}

// RoleStatus is a role on a host.
type RoleStatus struct {
	Role        string     `json:"role"`
	Host        string     `json:"host"`
	Container   string     `json:"container,omitempty"` // "" if there is none
	Version     string     `json:"version,omitempty"`
	State       string     `json:"state,omitempty"`
	Health      string     `json:"health,omitempty"` // of Docker's health check, "" without one
	Restarts    int        `json:"restarts"`         // by Docker, since it was started
	Serving     bool       `json:"serving"`          // requests go to it
	Maintenance bool       `json:"maintenance,omitempty"`
	Detached    bool       `json:"detached,omitempty"` // it runs without mrsk's network
	Since       *time.Time `json:"since,omitempty"`    // it started, or ended if it does not run
	By          string     `json:"by,omitempty"`       // who brought the version, if the audit log tells
}

// HostStatus is a host as such.
type HostStatus struct {
	Host      string `json:"host"`
	Docker    string `json:"docker"`
	Proxy     *Proxy `json:"proxy"`
	DiskTotal int64  `json:"disk_total"` // bytes of the file system with Docker's data; 0 if unknown
	DiskFree  int64  `json:"disk_free"`  // bytes of it that are free; 0 if unknown
}

// Unreachable is a host that did not answer.
type Unreachable struct {
	Host  string `json:"host"`
	Error string `json:"error"`
}

// StatusWant are the facts that StatusOf needs.
var StatusWant = observe.Want{Accessories: true, Locks: true, Disk: true, Issued: true, Audit: 200}

// StatusOf makes the status of the hosts that answered, in the order of the configuration.
func StatusOf(c *config.Scope, seen []facts.Host, lost []Unreachable, now time.Time) Status {
	s := Status{
		Schema: StatusSchema, Service: c.Project.Service, Destination: c.Project.Destination,
		Version: deploy.FleetVersion(c, byName(seen)), URLs: []string{},
		Roles: []RoleStatus{}, Hosts: []HostStatus{}, Accessories: []Accessory{}, Certificates: []Certificate{},
		Locks: Locks(seen), Unreachable: append([]Unreachable{}, lost...),
	}
	for _, role := range c.Roles {
		s.URLs = append(s.URLs, c.Project.URLs(role)...)
		for _, h := range seen {
			if role.On(h.Name) {
				s.Roles = append(s.Roles, roleStatus(c, role, h))
			}
		}
	}
	for _, h := range seen {
		s.Hosts = append(s.Hosts, HostStatus{Host: h.Name, Docker: h.Engine.Version, Proxy: proxyOf(h), DiskTotal: h.Disk.Total, DiskFree: h.Disk.Free})
		s.Accessories = append(s.Accessories, AccessoriesOf(c, h)...)
		issued, _ := traefik.ReadIssued([]byte(h.Issued)) // what cannot be read is missing
		s.Certificates = append(s.Certificates, Certificates(c, h, issued)...)
	}
	s.Drift = driftOf(c, seen, s, now)
	return s
}

// roleStatus is about the container that serves, else the one that was started last, else the newest.
func roleStatus(c *config.Scope, role config.Role, h facts.Host) RoleStatus {
	s := RoleStatus{Role: role.Name, Host: h.Name}
	b := app.Boot{Scope: c, Role: role, Host: h, Serving: traefik.OfRole(c.Project, role.Name).Serving(h)}
	k, runs := b.Old()
	if !runs {
		all := h.Of(role.Name)
		if len(all) == 0 {
			return s
		}
		k = all[0]
	}
	shown := containerOf(c, h, k)
	s.Container, s.Version, s.State, s.Health, s.Restarts = k.Name, k.Version, k.State, k.Health, k.Restarts
	s.Serving, s.Maintenance, s.Detached = runs && shown.Serving, runs && shown.Maintenance, k.Detached
	s.Since, s.By = moment(k.Started), deployer(h, role.Name, k.Version)
	if !runs && !k.Finished.IsZero() {
		s.Since = moment(k.Finished)
	}
	return s
}

// deployer is who brought the version to the host last.
func deployer(h facts.Host, role, version string) string {
	for _, a := range slices.Backward(h.Audit) {
		if a.Kind == facts.AuditBooted && a.Role == role && a.Version == version {
			return a.Who
		}
	}
	return ""
}

// runs reports whether the container runs and is well.
func (s RoleStatus) runs() bool { return s.State == "running" && s.Health != "unhealthy" }

// Steady reports whether all hosts answered and nothing differs.
func (s Status) Steady() bool { return len(s.Drift) == 0 && len(s.Unreachable) == 0 }

// Runs reports whether a role runs on any host.
func (s Status) Runs() bool {
	return slices.ContainsFunc(s.Roles, func(r RoleStatus) bool { return isRunning(r.State) })
}

func isRunning(state string) bool { return facts.Container{State: state}.Running() }

// byName are hosts by their names.
func byName(seen []facts.Host) map[string]facts.Host {
	all := map[string]facts.Host{}
	for _, h := range seen {
		all[h.Name] = h
	}
	return all
}

// title is the service with its destination.
func (s Status) title() string {
	if s.Destination == "" {
		return s.Service
	}
	return s.Service + " (" + s.Destination + ")"
}

func (s Status) heading() string { return strings.TrimSpace(s.title() + "  " + config.Few(s.URLs)) }
