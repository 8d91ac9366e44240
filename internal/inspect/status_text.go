package inspect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/ui"
)

// Text is the status as one screen. Hosts of which the same is to be said share a line.
func (s Status) Text(now time.Time) string {
	parts := []string{s.heading() + "\n", s.roleTable(now), s.hostTable(), s.accessoryTable(), s.certificateTable(now), s.lockText()}
	parts = slices.DeleteFunc(append(parts, s.verdict()), func(part string) bool { return part == "" })
	return strings.Join(parts, "\n")
}

// folded are rows in the order in which they were first added. The hosts of equal ones are gathered.
type folded struct {
	keys  []string
	rows  map[string][]string
	hosts map[string][]string
}

// add adds the row of a host; key tells which rows are equal, and the first of them is kept.
func (f *folded) add(host, key string, row ...string) {
	if f.rows == nil {
		f.rows, f.hosts = map[string][]string{}, map[string][]string{}
	}
	if _, there := f.rows[key]; !there {
		f.keys = append(f.keys, key)
		f.rows[key] = row
	}
	f.hosts[key] = append(f.hosts[key], host)
}

// table puts the hosts in front of each row, or in the column after the first ones.
func (f *folded) table(column int, header ...string) string {
	if len(f.keys) == 0 {
		return ""
	}
	var rows [][]string
	for _, key := range f.keys {
		rows = append(rows, slices.Insert(f.rows[key], column, config.Few(f.hosts[key])))
	}
	return ui.Table(header, rows)
}

func (s Status) roleTable(now time.Time) string {
	var all folded
	for _, r := range s.Roles {
		state := r.state()
		since := ""
		if r.Since != nil {
			since = Age(now, *r.Since)
		}
		key := strings.Join([]string{r.Role, r.Version, state, r.By}, "\x00")
		all.add(r.Host, key, r.Role, cmp.Or(r.Version, "-"), state, since, r.By)
	}
	return all.table(2, "ROLE", "VERSION", "HOSTS", "STATE", "SINCE", "BY")
}

// state is the role in words.
func (r RoleStatus) state() string {
	words := []string{cmp.Or(r.State, "not deployed")}
	if r.Health != "" {
		words = append(words, r.Health)
	}
	if r.Detached {
		words = append(words, offNetwork)
	}
	switch {
	case r.Serving:
		words = append(words, "serving")
	case r.Maintenance:
		words = append(words, "in maintenance")
	}
	if r.Restarts == 1 {
		words = append(words, "restarted once")
	} else if r.Restarts > 1 {
		words = append(words, fmt.Sprintf("restarted %d times", r.Restarts))
	}
	return strings.Join(words, ", ")
}

func (s Status) hostTable() string {
	var all folded
	for _, h := range s.Hosts {
		proxy := "-"
		if h.Proxy != nil {
			proxy = h.Proxy.Image + ", " + h.Proxy.State
		}
		row := []string{proxy, h.disk(), h.Docker}
		all.add(h.Host, strings.Join(row, "\x00"), row...)
	}
	for _, u := range s.Unreachable {
		all.add(u.Host, "lost\x00"+u.Error, "unreachable")
	}
	return all.table(0, "HOSTS", "PROXY", "DISK", "DOCKER")
}

func (h HostStatus) disk() string {
	if h.DiskTotal <= 0 {
		return "unknown"
	}
	return fmt.Sprintf("%d%% of %d GB used", (h.DiskTotal-h.DiskFree)*100/h.DiskTotal, h.DiskTotal/1e9)
}

func (s Status) accessoryTable() string {
	var all folded
	for _, a := range s.Accessories {
		state, image := "no container", a.Image
		if k := a.Container; k != nil {
			state, image = RoleStatus{State: k.State, Health: k.Health, Serving: k.Serving, Detached: k.Detached}.state(), k.Image
		}
		row := []string{a.Name, image, state}
		all.add(a.Host, strings.Join(row, "\x00"), row...)
	}
	return all.table(2, "ACCESSORY", "IMAGE", "HOSTS", "STATE")
}

func (s Status) certificateTable(now time.Time) string {
	var all folded
	for _, k := range s.Certificates {
		row := []string{config.Few(slices.Sorted(slices.Values(k.Names))), k.lasts(now)}
		all.add(k.Host, strings.Join(row, "\x00"), row...)
	}
	return all.table(1, "CERTIFICATE", "HOSTS", "EXPIRES")
}

func (s Status) lockText() string {
	text := ""
	for _, l := range s.Locks {
		words := []string{"locked on " + config.Few(l.Hosts), "by " + l.Who}
		if l.Kind == KindRun {
			words[0] = strings.TrimSpace(l.Command+" "+l.Version) + " works on " + config.Few(l.Hosts)
		}
		if l.Message != "" {
			words = append(words, l.Message)
		}
		text += ui.Table(nil, [][]string{{strings.Join(words, ", ")}})
	}
	return text
}

// verdict is what differs, with the commands that change it, or that nothing does.
func (s Status) verdict() string {
	if s.Steady() {
		return "All is as configured and healthy.\n"
	}
	var b strings.Builder
	for _, u := range s.Unreachable {
		b.WriteString(ui.Table(nil, [][]string{{"✗ " + u.Host + ": " + u.Error}}))
	}
	for _, d := range s.Drift {
		b.WriteString(ui.Table(nil, [][]string{{"! " + config.Few(d.Hosts) + ": " + d.What}}) + "    " + ui.Table(nil, [][]string{{d.Next}}))
	}
	return b.String()
}
