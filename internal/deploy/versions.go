package deploy

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/prune"
	"mrsk/internal/traefik"
)

// Version is a version of the app that hosts have, and what has become of it.
type Version struct {
	Name    string
	Fate    Fate
	When    time.Time // since when it is so; of an image alone, when it was built; zero if unknown
	Lacking []string  // hosts of the app without its image
}

// Fate is what has become of a version, the best of what its containers tell.
type Fate int

// What has become of a version.
const (
	ImageOnly Fate = iota // no container tells
	Failed                // it was never healthy
	Stopped               // it was healthy
	Runs
)

// Versions returns the versions that a host of the app has an image of: those that run, then the
// others by time, newest first.
func Versions(c *config.Scope, all map[string]facts.Host) []Version {
	found := map[string]*Version{}
	for _, host := range c.AppHosts() {
		for _, image := range all[host].Images {
			for _, name := range versionsOf(c.Project, image) {
				v := cmp.Or(found[name], &Version{Name: name})
				v.learn(ImageOnly, image.Created)
				found[name] = v
			}
		}
	}
	for _, host := range c.AppHosts() {
		for _, k := range all[host].Containers {
			if v := found[k.Version]; v != nil {
				v.learn(fateOf(c.Project, k))
			}
		}
	}
	var out []Version
	for _, v := range found {
		v.Lacking = lacking(c, all, v.Name)
		out = append(out, *v)
	}
	slices.SortFunc(out, func(a, b Version) int {
		return cmp.Or(after(a.Fate == Runs, b.Fate == Runs), b.When.Compare(a.When), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// after sorts what is true before what is not.
func after(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// learn takes the better fate, and of equal ones the later time.
func (v *Version) learn(fate Fate, when time.Time) {
	if fate > v.Fate || fate == v.Fate && when.After(v.When) {
		v.Fate, v.When = fate, when
	}
}

func fateOf(c *config.Project, k facts.Container) (Fate, time.Time) {
	switch {
	case k.Running():
		return Runs, k.Created
	case prune.WasHealthy(c, k):
		return Stopped, k.Finished
	}
	return Failed, k.Created
}

// lacking are the hosts of the app without the image of a version.
func lacking(c *config.Scope, all map[string]facts.Host, version string) []string {
	return slices.DeleteFunc(slices.Clone(c.AppHosts()), func(host string) bool {
		_, there := app.FindImage(all[host], c.Project.AbsoluteImage(version))
		return there
	})
}

func (v Version) fate() string {
	var text string
	switch v.Fate {
	case Runs:
		text = "runs"
	case Stopped:
		text = "was healthy"
	case Failed:
		text = "was never healthy"
	case ImageOnly:
		text = "has no container"
	}
	if !v.When.IsZero() {
		between := map[Fate]string{Runs: ", since ", Stopped: ", until ", Failed: ", tried ", ImageOnly: ", built "}[v.Fate]
		text += between + v.When.UTC().Format("2006-01-02 15:04 UTC")
	}
	if len(v.Lacking) > 0 {
		text += "; not on " + strings.Join(v.Lacking, ", ")
	}
	return text
}

// VersionTable is a line for each version, with what has become of it.
func VersionTable(versions []Version) string {
	width := 0
	for _, v := range versions {
		width = max(width, len(v.Name))
	}
	var text strings.Builder
	for _, v := range versions {
		fmt.Fprintf(&text, "%-*s  %s\n", width, v.Name, v.fate())
	}
	return text.String()
}

// FindVersion returns the version that typed means: a name, or the beginning of only one. What no
// host has is returned as it is.
func FindVersion(c *config.Scope, all map[string]facts.Host, typed string) (string, error) {
	var match []Version
	for _, v := range Versions(c, all) {
		switch {
		case v.Name == typed:
			return typed, nil
		case strings.HasPrefix(v.Name, typed):
			match = append(match, v)
		}
	}
	switch len(match) {
	case 0:
		return typed, nil
	case 1:
		return match[0].Name, nil
	}
	return "", &AmbiguousVersionError{Typed: typed, Match: match}
}

// AmbiguousVersionError is the beginning of more than one version.
type AmbiguousVersionError struct {
	Typed string
	Match []Version
}

func (e *AmbiguousVersionError) Error() string {
	return fmt.Sprintf("find version %s: several versions begin with it:\n%s", e.Typed, strings.TrimSuffix(VersionTable(e.Match), "\n"))
}

// Hint says what to type.
func (e *AmbiguousVersionError) Hint() string { return "type more of the version" }

// MissingImage fails if a host can neither have nor pull the image. The error lists the versions on the hosts.
func (r Request) MissingImage() error {
	lacking := lacking(r.Scope, r.Facts, r.Version)
	if len(lacking) == 0 || r.knownDigest() != "" {
		return nil
	}
	return &MissingImageError{Version: r.Version, Hosts: lacking, Known: Versions(r.Scope, r.Facts)}
}

// MissingImageError is a version that hosts lack and that no host knows how to fetch.
type MissingImageError struct {
	Version string
	Hosts   []string // that lack it
	Known   []Version
}

func (e *MissingImageError) Error() string {
	text := fmt.Sprintf("version %s is not on %s", e.Version, strings.Join(e.Hosts, ", "))
	if len(e.Known) == 0 {
		return text + "; there is no other version on the hosts"
	}
	return text + "; versions on the hosts, newest first:\n" + strings.TrimSuffix(VersionTable(e.Known), "\n")
}

// LastVersion is the version whose image is tagged as deployed last, "" where no host has one.
func LastVersion(c *config.Project, hosts []facts.Host) string {
	for _, h := range hosts {
		last, _ := app.FindImage(h, c.AbsoluteImage(c.LatestTag()))
		if versions := versionsOf(c, last); len(versions) > 0 {
			return versions[0]
		}
	}
	return ""
}

// tag is what docker takes for one. What a host tells may be anything.
var tag = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)

func versionsOf(c *config.Project, i facts.Image) []string {
	var out []string
	for _, name := range i.Tags {
		if v, ok := strings.CutPrefix(name, c.Repository()+":"); ok && tag.MatchString(v) && !strings.HasPrefix(v, "latest") {
			out = append(out, v)
		}
	}
	return out
}

// RunningVersion is the version of a role on a host: of the container that serves, else of the
// one that was started last among those that run; "" when none does.
func RunningVersion(c *config.Scope, h facts.Host, role config.Role) string {
	b := app.Boot{Scope: c, Role: role, Host: h, Serving: traefik.OfRole(c.Project, role.Name).Serving(h)}
	old, _ := b.Old()
	return old.Version
}

// CurrentVersion is the version that runs: of the primary role, on the first host that runs it. When
// none runs, it is the one that was deployed last; "" when there is none either. why follows
// "which".
func CurrentVersion(c *config.Scope, all map[string]facts.Host) (version, why string) {
	var hosts []facts.Host
	for _, name := range c.AppHosts() {
		hosts = append(hosts, all[name])
	}
	for _, role := range c.Roles {
		for _, h := range hosts {
			if v := RunningVersion(c, h, role); role.On(h.Name) && v != "" {
				return v, "runs now"
			}
		}
	}
	return LastVersion(c.Project, hosts), "was deployed last"
}
