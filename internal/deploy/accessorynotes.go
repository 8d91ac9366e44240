package deploy

import (
	"fmt"
	"strings"

	"mrsk/internal/docker"
)

// units are all accessories on all their hosts, host by host.
func (a Accessories) units() []unit {
	var all []unit
	for _, host := range a.Scope.AccessoryHosts() {
		all = append(all, a.unitsOn(host)...)
	}
	return all
}

// skipped returns notes about accessories that run already.
func (a Accessories) skipped() []string {
	var notes hostNotes
	for _, u := range a.units() {
		if u.Container().Running() && !u.Unfinished() && u.Broken() == "" {
			notes.add(u.Host.Name, hostNote{"accessory " + u.Accessory.Name + " is skipped on ", ": it runs there already"})
		}
	}
	return notes.texts()
}

// differing returns notes about containers that are not changed but differ from the configuration.
func (a Accessories) differing() []string {
	var notes hostNotes
	for _, u := range a.units() {
		if why := u.Differs(); why != "" && !u.New() && u.Broken() == "" {
			name := u.Accessory.Name
			notes.add(u.Host.Name, hostNote{"accessory " + name + " is not changed on ", fmt.Sprintf(", but %s; `mrsk accessory reboot %s` replaces its container", why, name)})
		}
	}
	return notes.texts()
}

// replaced returns notes about containers that a restart replaces.
func (a Accessories) replaced() []string {
	var notes hostNotes
	for _, u := range a.units() {
		if why := u.Differs(); why != "" {
			notes.add(u.Host.Name, hostNote{"accessory " + u.Accessory.Name + " gets a new container on ", ", because " + why + "; what is not in its volumes, directories and files is lost"})
		}
	}
	return notes.texts()
}

// volumes returns notes about data that is not removed.
func (a Accessories) volumes() []string {
	var notes hostNotes
	for _, u := range a.units() {
		for _, v := range u.Accessory.Volumes {
			name, _, _ := strings.Cut(v, ":")
			if u.Container().ID != "" && !strings.ContainsAny(name, "/$~.") {
				notes.add(u.Host.Name, hostNote{"the volume " + name + " stays on ", ", with its data; `docker volume rm " + name + "` there removes it"})
			}
		}
	}
	return notes.texts()
}

// NoAccessoryError is a host without a container of an accessory that could be started.
type NoAccessoryError struct {
	Host, Accessory string
	Unreachable     bool // there is one, without a name by which the proxy could find it
}

func (e *NoAccessoryError) Error() string {
	if e.Unreachable {
		return fmt.Sprintf("%s: the proxy cannot reach the container of accessory %s", e.Host, e.Accessory)
	}
	return fmt.Sprintf("%s: there is no container of accessory %s", e.Host, e.Accessory)
}

// Hint names the command that makes a new one.
func (e *NoAccessoryError) Hint() string {
	if e.Unreachable {
		return "mrsk accessory reboot " + e.Accessory + " makes a new container"
	}
	return "mrsk accessory boot " + e.Accessory + " makes one"
}

// absent reports hosts without a container to start.
func (a Accessories) absent() error {
	var errs []error
	for _, u := range a.units() {
		if u.Container().ID == "" {
			errs = append(errs, &NoAccessoryError{u.Host.Name, u.Accessory.Name, false})
		}
	}
	return joined(errs)
}

// unreachable tells which containers would stay, and have no name by which the proxy could find
// them.
func (a Accessories) unreachable() error {
	var errs []error
	for _, u := range a.units() {
		if k := u.Container(); k.ID != "" && k.Alias == "" && u.Accessory.Proxy != nil && !u.New() {
			errs = append(errs, &NoAccessoryError{u.Host.Name, u.Accessory.Name, true})
		}
	}
	return joined(errs)
}

// obstacles are all reasons for which containers cannot be made: those of units that will be.
func (a Accessories) obstacles(made func(unit) bool) error {
	var errs []error
	for _, u := range a.units() {
		if made(u) {
			errs = append(errs, u.obstacles()...)
		}
	}
	return joined(errs)
}

func (u unit) obstacles() []error {
	errs := append(docker.CheckEnv(u.Secrets.Env(u.Accessory.Env)), missing(u.Host.Name, u.Host)...)
	if u.Accessory.Proxy == nil {
		return errs
	}
	errs = append(errs, unfit(u.Host.Name, u.Host)...)
	return append(errs, ofAccessory(u.Accessory, u.route).obstacles(u.Host.Name)...)
}

// taken tells which routes somebody else has by now: those of containers that stay are written, too.
func (a Accessories) taken() error {
	var errs []error
	for _, u := range a.units() {
		if u.Accessory.Proxy != nil {
			errs = append(errs, ofAccessory(u.Accessory, u.route).taken(a.Scope, u.Host, a.changing(u.Host.Name))...)
		}
	}
	return joined(errs)
}
