package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/traefik"
)

// Drift is something that differs from the configuration or is not healthy, on one or more hosts.
type Drift struct {
	ID    DriftID  `json:"id"`
	Hosts []string `json:"hosts"`
	What  string   `json:"what"`
	Next  string   `json:"next"` // the command that changes it
}

// DriftID tells kinds of drift apart.
type DriftID string

// The kinds of drift.
const (
	RoleDown            DriftID = "role-down"            // no container of the role runs
	RoleUnhealthy       DriftID = "role-unhealthy"       // its container restarts, is paused or not healthy
	RoleUnrouted        DriftID = "role-unrouted"        // the proxy does not lead to its container
	RoleMaintenance     DriftID = "role-maintenance"     // the proxy answers in its place
	VersionDiffers      DriftID = "version-differs"      // it is not the version that was brought up last
	ContainerLeft       DriftID = "container-left"       // a container runs that should not
	HostDeparted        DriftID = "host-departed"        // the host left the configuration
	ProxyDown           DriftID = "proxy-down"           // the proxy does not run
	ProxyDiffers        DriftID = "proxy-differs"        // the proxy was started with other options
	AccessoryDown       DriftID = "accessory-down"       // its container does not run
	AccessoryUnhealthy  DriftID = "accessory-unhealthy"  // its container restarts, is paused or not healthy
	AccessoryDiffers    DriftID = "accessory-differs"    // it was made from another image
	CertificateMissing  DriftID = "certificate-missing"  // a name has none
	CertificateExpiring DriftID = "certificate-expiring" // nobody has renewed it in time
	DiskFull            DriftID = "disk-full"            // less than a tenth is free
)

// expiring is about half of what is left when a proxy renews a certificate.
const expiring = 14 * 24 * time.Hour

// diskShare of the disk, one part of so many, should be free.
const diskShare = 10

// theHosts stands in the command of a finding for all hosts of the finding.
const theHosts = "<hosts>"

// drifts gathers what differs; equal findings of several hosts become one.
type drifts []Drift

func (d *drifts) add(id DriftID, host, next, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	for i, old := range *d {
		if old.ID == id && old.What == what {
			(*d)[i].Hosts = append(old.Hosts, host)
			return
		}
	}
	*d = append(*d, Drift{ID: id, Hosts: []string{host}, What: what, Next: next})
}

func driftOf(c *config.Scope, seen []facts.Host, s Status, now time.Time) []Drift {
	d := drifts{}
	for _, r := range s.Roles {
		d.role(c, r, s.Version)
	}
	for _, h := range seen {
		d.left(c, h)
		d.proxy(c, h)
		d.disk(h)
	}
	for _, a := range s.Accessories {
		d.accessory(c, a)
	}
	for _, k := range s.Certificates {
		d.certificate(k, now)
	}
	for _, gone := range deploy.DepartedHosts(c, byName(seen)) {
		d.add(HostDeparted, gone.Host, "mrsk app remove --departed "+theHosts,
			"is no longer in the configuration and may still run %s", gone.Version)
	}
	return d.named()
}

// named puts the hosts into the commands.
func (d drifts) named() []Drift {
	for i, found := range d {
		d[i].Next = strings.Replace(found.Next, theHosts, strings.Join(found.Hosts, ","), 1)
	}
	return d
}

func (d *drifts) role(c *config.Scope, r RoleStatus, version string) {
	role, _ := c.Role(r.Role)
	switch {
	case !isRunning(r.State):
		d.add(RoleDown, r.Host, r.revival(version), "no container of role %s runs", r.Role)
		return
	case r.Detached:
		d.add(RoleUnhealthy, r.Host, "mrsk app boot", "role %s runs %s", r.Role, offNetwork)
	case !r.runs():
		d.add(RoleUnhealthy, r.Host, "mrsk logs --hosts "+theHosts, "role %s is %s", r.Role, cmp.Or(r.Health, r.State))
	case r.Maintenance:
		d.add(RoleMaintenance, r.Host, "mrsk app live", "role %s is in maintenance", r.Role)
	case role.Proxy != nil && !r.Serving:
		d.add(RoleUnrouted, r.Host, "mrsk app start", "the proxy does not lead to role %s", r.Role)
	}
	if version != "" && r.Version != version {
		d.add(VersionDiffers, r.Host, "mrsk sync", "role %s runs version %s, and version %s was brought up last", r.Role, r.Version, version)
	}
}

// revival is the command that runs a role which does not run, in a fleet that should run a version.
func (r RoleStatus) revival(version string) string {
	switch {
	case r.Container != "" && (version == "" || r.Version == version):
		return "mrsk app start"
	case version != "":
		return "mrsk sync"
	}
	return "mrsk deploy"
}

// left finds containers that run beside the one of each role, or for no role of the host.
func (d *drifts) left(c *config.Scope, h facts.Host) {
	for _, role := range c.RolesOn(h.Name) {
		b := app.Boot{Scope: c, Role: role, Host: h, Serving: traefik.OfRole(c.Project, role.Name).Serving(h)}
		for _, k := range b.Stale() {
			d.add(ContainerLeft, h.Name, "mrsk app stale-containers --stop", "container %s runs beside the one of role %s", k.Name, role.Name)
		}
	}
	known := func(role string) bool {
		return slices.ContainsFunc(c.Project.RolesOn(h.Name), func(r config.Role) bool { return r.Name == role })
	}
	for _, k := range h.Containers {
		if k.Running() && !known(k.Role) {
			d.add(ContainerLeft, h.Name, "mrsk deploy", "container %s runs for role %s, which the configuration does not have there", k.Name, k.Role)
		}
	}
}

func (d *drifts) proxy(c *config.Scope, h facts.Host) {
	if !slices.Contains(c.ProxyHosts(), h.Name) {
		return
	}
	switch why := proxyDiffers(c.Project, h); {
	case h.Proxy.ID == "":
		d.add(ProxyDown, h.Name, "mrsk proxy boot", "there is no proxy")
	case !h.Proxy.Running():
		d.add(ProxyDown, h.Name, "mrsk proxy start", "the proxy is %s", h.Proxy.State)
	case h.Proxy.Detached:
		d.add(ProxyDown, h.Name, "mrsk proxy restart", "the proxy runs without its network")
	case why != "":
		d.add(ProxyDiffers, h.Name, "mrsk proxy reboot", "%s", why)
	}
}

// proxyDiffers compares a proxy with the configuration, as far as that takes no secrets.
func proxyDiffers(p *config.Project, h facts.Host) string {
	if run := p.ProxyRunOn(h.Name); run.ACME.Secret() {
		return traefik.ImageDiffers(h, run)
	}
	return traefik.Differs(h, traefik.SettingsOn(p, h.Name, config.Secrets{}))
}

func (d *drifts) disk(h facts.Host) {
	if h.Disk.Total > 0 && h.Disk.Free < h.Disk.Total/diskShare {
		d.add(DiskFull, h.Name, "mrsk prune all", "less than %d%% of the disk is free", 100/diskShare)
	}
}

func (d *drifts) accessory(c *config.Scope, a Accessory) {
	next := func(verb string) string { return "mrsk accessory " + verb + " " + a.Name }
	switch k := a.Container; {
	case k == nil:
		d.add(AccessoryDown, a.Host, next("boot"), "accessory %s has no container", a.Name)
	case a.ended(c) && *k.ExitCode != 0:
		d.add(AccessoryDown, a.Host, next("logs"), "accessory %s ended with exit status %d", a.Name, *k.ExitCode)
	case !isRunning(k.State) && !a.ended(c):
		d.add(AccessoryDown, a.Host, next("start"), "accessory %s does not run", a.Name)
	case k.Detached:
		d.add(AccessoryUnhealthy, a.Host, next("restart"), "accessory %s runs %s", a.Name, offNetwork)
	case isRunning(k.State) && (k.State != "running" || k.Health == "unhealthy"):
		d.add(AccessoryUnhealthy, a.Host, next("logs"), "accessory %s is %s", a.Name, cmp.Or(k.Health, k.State))
	case k.Image != a.Image:
		d.add(AccessoryDiffers, a.Host, next("reboot"), "accessory %s runs %s, and the configuration says %s", a.Name, k.Image, a.Image)
	}
}

// ended reports whether the container has exited, and may by its restart policy.
func (a Accessory) ended(c *config.Scope) bool {
	of, _ := c.Accessory(a.Name)
	return of.Ends() && a.Container.State == "exited"
}

func (d *drifts) certificate(k Certificate, now time.Time) {
	names := config.Few(slices.Sorted(slices.Values(k.Names)))
	next := "mrsk proxy logs --grep acme --hosts " + theHosts
	if k.From != own {
		next = "mrsk proxy certificates --sync"
	}
	switch {
	case k.Expires == nil:
		d.add(CertificateMissing, k.Host, next, "there is no certificate for %s", names)
	case k.Expires.Sub(now) < expiring:
		d.add(CertificateExpiring, k.Host, next, "the certificate for %s ends %s", names, k.Expires.UTC().Format(time.DateOnly))
	}
}
