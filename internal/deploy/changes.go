package deploy

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/redact"
)

// changes returns what the rollout changes, compared with the containers that run now. Hosts with the same change are
// one entry.
func (r Request) changes() []plan.Change {
	var all changes
	for _, host := range r.Scope.AppHosts() {
		for _, b := range r.bootsOn(host) {
			old, runs := b.boot.Old()
			all.add(host, b.boot.Role.Name, versionChange(old.Version, r.Version))
			if runs {
				all.add(host, b.boot.Role.Name, settingChanges(b.boot, old)...)
			}
		}
		for _, role := range r.retired(host) {
			if running := app.Running(r.Facts[host], role.Name); len(running) > 0 {
				all.add(host, role.Name, versionChange(running[0].Version, ""))
			}
		}
	}
	for i, c := range all {
		all[i].Everywhere = len(c.Hosts) == r.hostCount(c.Role)
	}
	slices.SortStableFunc(all, func(a, b plan.Change) int { return r.order(a.Role) - r.order(b.Role) })
	return all
}

// order is the place of a role in the configuration; roles that left it come last.
func (r Request) order(role string) int {
	at := slices.IndexFunc(r.Scope.Roles, func(known config.Role) bool { return known.Name == role })
	if at < 0 {
		return len(r.Scope.Roles)
	}
	return at
}

// hostCount is the number of hosts of the run with the role.
func (r Request) hostCount(role string) int {
	n := 0
	for _, host := range r.Scope.AppHosts() {
		if slices.ContainsFunc(r.Scope.RolesOn(host), func(on config.Role) bool { return on.Name == role }) {
			n++
		}
	}
	return n
}

// changes are changes, each with all its hosts.
type changes []plan.Change

// add adds changes of a role on a host.
func (all *changes) add(host, role string, more ...plan.Change) {
	for _, c := range more {
		if c.Kind == "" {
			continue
		}
		same := func(o plan.Change) bool {
			return o.Kind == c.Kind && o.Role == role && o.What == c.What && o.From == c.From && o.To == c.To
		}
		at := slices.IndexFunc(*all, same)
		if at < 0 {
			c.Role, at = role, len(*all)
			*all = append(*all, c)
		}
		(*all)[at].Hosts = append((*all)[at].Hosts, host)
	}
}

// versionChange is the change between versions, each "" if no container of the role runs. It is the zero Change if
// they are equal.
func versionChange(from, to string) plan.Change {
	if from == to {
		return plan.Change{}
	}
	return valueChange(plan.Version, from, to, from != "", to != "")
}

// settingChanges are the changes of settings and variables between the container that runs and the new one.
func settingChanges(b app.Boot, old facts.Container) []plan.Change {
	if old.Settings == nil {
		return []plan.Change{{Kind: plan.Unknown, What: plan.Settings, From: old.Name}}
	}
	now := app.Settings(b.Scope, b.Role, b.Host.Name)
	keys := maps.Clone(now)
	maps.Copy(keys, old.Settings)
	var all []plan.Change
	for key := range keys {
		from, had := old.Settings[key]
		to, has := now[key]
		if had != has || from != to {
			all = append(all, valueChange(key, from, to, had, has))
		}
	}
	all = append(all, variableChanges(b, old)...)
	slices.SortStableFunc(all, func(x, y plan.Change) int { return cmp.Compare(x.What, y.What) })
	return all
}

func valueChange(what, from, to string, had, has bool) plan.Change {
	c := plan.Change{Kind: plan.Changed, What: what, From: from, To: to}
	switch {
	case !had:
		c.Kind = plan.Added
	case !has:
		c.Kind = plan.Removed
	}
	return c
}

// variableChanges are variables whose value changes, as far as the environment of the container is known. Values that
// the host fills in are left out.
func variableChanges(b app.Boot, old facts.Container) []plan.Change {
	env := b.Secrets.Env(b.Role.EnvOn(b.Host.Name))
	var all []plan.Change
	compare := func(key, name string, value redact.String) {
		before, had := old.Env[name]
		_, told := old.Settings[key]
		if had && told && before != value {
			all = append(all, plan.Change{Kind: plan.Changed, What: key})
		}
	}
	for _, p := range env.Clear {
		if !strings.Contains(p.Value, "${") {
			compare("env/clear/"+p.Name, p.Name, redact.New(p.Value))
		}
	}
	for _, s := range env.Secret {
		compare("env/secret/"+s.Name, s.Name, s.Value)
	}
	return all
}
