package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page and its style
	"encoding/base64"
	"html/template"
	"slices"
	"strings"
	"time"

	"mrsk/internal/event"
	"mrsk/internal/timings"
	"mrsk/internal/ui"
)

// Run is what the page says of the command besides its events.
type Run struct {
	Command      string // as the user types it, such as "deploy"
	App          string // name of the service, "" if the configuration could not be read
	Version      string // of the app, "" if it is not known
	Performer    string
	Tool         string // version of mrsk
	RunURL       string // the page of the CI run, "" without one
	Began, Ended time.Time
	Status       int    // exit status
	Headline     string // what the screen says of the end of a rollout in one line, "" if there was none
	Failure      string // what the screen says of a failure below that, "" if there is none
}

//go:embed page.html
var pageText string

//go:embed page.css
var style string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// page is what the template shows. All texts are clean.
type page struct {
	Style       template.CSS
	Policy      string // which contents a browser may load: none
	Title       string
	Name        string // what was deployed
	Version     string
	Badge       badge
	Headline    string
	Facts       []fact
	Failure     string
	Warnings    []string
	Path        string // the critical path in one line
	Timeline    timeline
	Gates       []gate
	Hosts       []host
	Messages    []string
	Unkept      int
	Tool, Ended string
}

// badge is an outcome in few words.
type badge struct {
	Text string
	Mood string // good, warn or bad
}

// fact is a line about the whole.
type fact struct {
	Name  string
	Texts []string
	Link  string // "" for none
}

// Page returns the page of a command that has ended.
func (r *Record) Page(run Run) ([]byte, error) {
	measured := timings.Of(run.Began, run.Ended, r.moments)
	v := view{Record: r, run: run, measured: measured}
	var out bytes.Buffer
	err := pageTemplate.Execute(&out, v.page())
	return out.Bytes(), err
}

// view makes the parts of a page.
type view struct {
	*Record
	run      Run
	measured timings.Report
}

func (v view) page() page {
	p := page{
		Style: template.CSS(style), Policy: policy(), //nolint:gosec // it is a file of this package
		Name: v.clean(v.run.App), Version: v.clean(v.version()), Badge: v.badge(), Headline: v.clean(v.run.Headline),
		Facts: v.facts(), Failure: v.clean(v.run.Failure), Path: v.clean(v.measured.Line()),
		Timeline: v.timeline(), Gates: v.gates(), Hosts: v.hosts(), Unkept: v.unkept,
		Tool: v.clean(v.run.Tool), Ended: stamp(v.run.Ended),
	}
	if p.Name == "" {
		p.Name = "mrsk " + v.clean(v.run.Command)
	}
	p.Title = p.Badge.Text + ": " + strings.TrimSpace(p.Name+" "+p.Version)
	for _, m := range v.messages {
		p.add(m.isWarning, v.said(m))
	}
	return p
}

// add adds a message. A warning is also shown by itself.
func (p *page) add(isWarning bool, text string) {
	if isWarning {
		p.Warnings = append(p.Warnings, text)
	}
	p.Messages = append(p.Messages, text)
}

// policy lets a browser use the style of the page and load nothing.
func policy() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

// clean returns text without secrets and without what is not printed.
func (v view) clean(text string) string { return ui.Clean(v.hide(text)) }

func (v view) said(m message) string {
	text := v.clean(m.text)
	if m.host != "" {
		text = v.clean(m.host) + ": " + text
	}
	return text
}

// version is the version that the command was about.
func (v view) version() string {
	switch {
	case v.end != nil && v.end.Version != "":
		return v.end.Version
	case v.work.Version != "":
		return v.work.Version
	}
	return v.run.Version
}

// outcomes are the outcomes of rollouts.
var outcomes = map[event.Outcome]badge{
	event.Live:           {"live", "good"},
	event.LiveWithFaults: {"live with faults", "warn"},
	event.Unchanged:      {"failed, nothing changed", "bad"},
	event.NotStarted:     {"failed, not started", "bad"},
	event.RolledBack:     {"rolled back", "bad"},
	event.Unclear:        {"failed, unclear", "bad"},
}

func (v view) badge() badge {
	switch {
	case v.end != nil && v.end.Interrupted && v.end.Outcome != event.Live:
		return badge{"interrupted, " + strings.TrimPrefix(outcomes[v.end.Outcome].Text, "failed, "), outcomes[v.end.Outcome].Mood}
	case v.end != nil && (v.run.Status == 0 || v.end.Outcome != event.Live):
		return outcomes[v.end.Outcome]
	case v.end != nil:
		return outcomes[event.LiveWithFaults]
	case v.run.Status == 0:
		return badge{"done", "good"}
	}
	return badge{"failed", "bad"}
}

// facts are the lines below the heading. Facts that are not known are left out.
func (v view) facts() []fact {
	all := []fact{
		{Name: "Command", Texts: []string{v.command()}},
		{Name: "Commit", Texts: []string{v.work.Subject}},
		v.serving(),
		{Name: "Took", Texts: []string{lasted(v.run.Ended.Sub(v.run.Began))}},
		{Name: "Began", Texts: []string{stamp(v.run.Began)}},
		{Name: "By", Texts: []string{v.run.Performer}},
		{Name: "Image", Texts: []string{v.image()}},
		linked("URL", v.url()),
		linked("CI run", v.run.RunURL),
		{Name: "Back", Texts: []string{v.back()}},
	}
	for i := range all {
		for k, text := range all[i].Texts {
			all[i].Texts[k] = v.clean(text)
		}
		all[i].Link = v.clean(all[i].Link)
	}
	return slices.DeleteFunc(all, func(f fact) bool { return strings.Join(f.Texts, "") == "" })
}

func (v view) command() string {
	if v.end != nil && v.end.Again != "" {
		return v.end.Again
	}
	return "mrsk " + v.run.Command
}

// serving says what the hosts run now.
func (v view) serving() fact {
	if v.end == nil {
		return fact{}
	}
	f := fact{Name: "Runs now"}
	if v.end.Routed {
		f.Name = "Serves now"
	}
	switch v.end.Outcome {
	case event.Live, event.LiveWithFaults:
		f.Texts = []string{v.version() + " on " + strings.Join(v.end.Hosts, ", ")}
		return f
	case event.Unclear:
		f.Texts = []string{"either version on " + strings.Join(v.end.Unclear, ", ")}
	}
	for _, r := range v.end.Before {
		f.Texts = append(f.Texts, v.before(r))
	}
	return f
}

// before says what hosts ran before and still run, "" if there is none.
func (v view) before(r event.Running) string {
	hosts := slices.DeleteFunc(slices.Clone(r.Hosts), func(h string) bool { return slices.Contains(v.end.Unclear, h) })
	if len(hosts) == 0 {
		return ""
	}
	version := r.Version
	if version == "" {
		version = "no version"
	}
	return version + " on " + strings.Join(hosts, ", ")
}

func (v view) url() string {
	if v.end == nil {
		return ""
	}
	return v.end.URL
}

// linked returns a fact that leads to its text, if that is an address of the web.
func linked(name, text string) fact {
	f := fact{Name: name, Texts: []string{text}}
	if strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://") {
		f.Link = text
	}
	return f
}

// back is the command that goes back to the version before.
func (v view) back() string {
	if v.end == nil || v.end.Back == "" || v.end.Outcome != event.Live && v.end.Outcome != event.LiveWithFaults {
		return ""
	}
	return strings.Join(strings.Fields("mrsk rollback "+v.end.Options), " ") + " " + v.end.Back
}

// image is the size of the image that was built.
func (v view) image() string {
	switch {
	case v.build.Size == 0:
		return ""
	case v.build.Added == 0:
		return megabytes(v.build.Size)
	}
	return megabytes(v.build.Size) + ", " + megabytes(v.build.Added) + " of it new"
}
