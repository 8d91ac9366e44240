package deploy

import (
	"fmt"
	"slices"
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
	return a.told("accessory %s is skipped on %s: it runs there already", func(u unit) (string, bool) {
		return "", u.Container().Running() && !u.Unfinished()
	})
}

// differing returns notes about containers that are not changed but differ from the configuration.
func (a Accessories) differing() []string {
	return a.told("accessory %[1]s is not changed on %[2]s, but %[3]s; `mrsk accessory reboot %[1]s` replaces its container", func(u unit) (string, bool) {
		why := u.Differs()
		return why, why != "" && !u.New()
	})
}

// told is a note for each accessory and reason, with the hosts on which it holds: the accessory,
// the hosts and, where there is one, the reason are filled in.
func (a Accessories) told(format string, holds func(unit) (why string, is bool)) []string {
	type about struct{ accessory, why string }
	hosts, order := map[about][]string{}, []about(nil)
	for _, u := range a.units() {
		why, is := holds(u)
		if !is {
			continue
		}
		key := about{u.Accessory.Name, why}
		if len(hosts[key]) == 0 {
			order = append(order, key)
		}
		hosts[key] = append(hosts[key], u.Host.Name)
	}
	var notes []string
	for _, key := range order {
		slices.Sort(hosts[key])
		words := []any{key.accessory, strings.Join(hosts[key], ", ")}
		if key.why != "" {
			words = append(words, key.why)
		}
		notes = append(notes, fmt.Sprintf(format, words...))
	}
	return notes
}

// volumes returns notes about data that is not removed.
func (a Accessories) volumes() []string {
	var notes []string
	for _, u := range a.units() {
		for _, v := range u.Accessory.Volumes {
			name, _, _ := strings.Cut(v, ":")
			if u.Container().ID != "" && !strings.ContainsAny(name, "/$~.") {
				notes = append(notes, fmt.Sprintf("the volume %s stays on %s, with its data; `docker volume rm %s` there removes it", name, u.Host.Name, name))
			}
		}
	}
	return notes
}

// NoAccessoryError is a host without a container of an accessory that could be started.
type NoAccessoryError struct{ Host, Accessory, Why string }

func (e *NoAccessoryError) Error() string {
	return fmt.Sprintf("%s: %s of accessory %s", e.Host, e.Why, e.Accessory)
}

// Hint names the command that makes a new one.
func (e *NoAccessoryError) Hint() string {
	if strings.HasPrefix(e.Why, "the proxy ") {
		return "mrsk accessory reboot " + e.Accessory + " makes a new container"
	}
	return "mrsk accessory boot " + e.Accessory + " makes one"
}

// absent reports hosts without a container to start.
func (a Accessories) absent() error {
	var errs []error
	for _, u := range a.units() {
		if u.Container().ID == "" {
			errs = append(errs, &NoAccessoryError{u.Host.Name, u.Accessory.Name, "there is no container"})
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
			errs = append(errs, &NoAccessoryError{u.Host.Name, u.Accessory.Name, "the proxy cannot reach the container"})
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
	errs := append(docker.CheckEnv(u.Accessory.Env), missing(u.Host.Name, u.Host)...)
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
