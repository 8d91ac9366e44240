package workflow

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mrsk/internal/app"
	"mrsk/internal/deploy"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
)

// SavedPlan is a plan that was shown and kept, so that a later deploy carries out exactly that plan or none. It does not
// depend on the run that made it.
type SavedPlan struct {
	Format      int             `json:"format"` // savedFormat
	Service     string          `json:"service"`
	Destination string          `json:"destination"`
	Version     string          `json:"version"`
	Summary     string          `json:"summary"` // plan.Plan.Summary
	Plan        json.RawMessage `json:"plan"`    // plan.Plan.JSON
}

// savedFormat is the format of SavedPlan that this version of mrsk reads and writes.
const savedFormat = 1

// StalePlanError reports that a saved plan is not the one that a deploy would carry out.
type StalePlanError struct{ Why string }

func (e *StalePlanError) Error() string { return "the saved plan was not carried out: " + e.Why }

// Hint returns how to get a plan that fits.
func (e *StalePlanError) Hint() string { return "look at a new plan: mrsk plan --out FILE" }

// ReadSavedPlan reads what SavedPlan.JSON has written.
func ReadSavedPlan(text []byte) (*SavedPlan, error) {
	saved := new(SavedPlan)
	if err := json.Unmarshal(text, saved); err != nil {
		return nil, fmt.Errorf("it is not a saved plan: %w", err)
	}
	if saved.Format != savedFormat {
		return nil, fmt.Errorf("it has format %d, and this mrsk reads format %d", saved.Format, savedFormat)
	}
	return saved, nil
}

// JSON returns the saved plan as an indented JSON document with a final newline. Secrets in it are hidden.
func (s *SavedPlan) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(s, "", "  ")
	return append(text, '\n'), err
}

// savePlan returns the plan of a deploy in a form that only a change of the configuration, the hosts or the version
// changes: with a fixed token, and as if no host had the image.
func savePlan(env Env, seen map[string]facts.Host) (*SavedPlan, error) {
	env.Identity.Token = "saved plan"
	p, err := deploy.Rollout(rolloutRequest(env, "deploy", true, withoutImage(env, seen)))
	if err != nil {
		return nil, err
	}
	text, err := p.JSON()
	if err != nil {
		return nil, err
	}
	project := env.Scope.Project
	return &SavedPlan{savedFormat, project.Service, project.Destination, env.Version, p.Summary(), text}, nil
}

// withoutImage returns the facts as they were before the image of the run was pulled, and then with an image that
// nothing is known of.
func withoutImage(env Env, seen map[string]facts.Host) map[string]facts.Host {
	image, out := env.Scope.Project.AbsoluteImage(env.Version), maps.Clone(seen)
	for name, h := range out {
		if pulled, there := app.FindImage(h, image); there {
			h.Images = slices.DeleteFunc(slices.Clone(h.Images), func(i facts.Image) bool { return i.ID == pulled.ID })
			if pulled.Tags = slices.DeleteFunc(slices.Clone(pulled.Tags), func(tag string) bool { return tag == image }); len(pulled.Tags) > 0 {
				h.Images = append(h.Images, pulled)
			}
			out[name] = h
		}
	}
	assumeImage(env, out)
	return out
}

// fits returns a *StalePlanError if the saved plan is for another app or version.
func (s *SavedPlan) fits(env Env) error {
	project := env.Scope.Project
	switch {
	case s.Service != project.Service || s.Destination != project.Destination:
		return &StalePlanError{"it is for " + named(s.Service, s.Destination) + ", and the configuration is that of " + named(project.Service, project.Destination)}
	case s.Version != env.Version:
		return &StalePlanError{"it is for version " + s.Version + ", and this deploy is of " + env.Version}
	}
	return nil
}

func named(service, destination string) string {
	if destination == "" {
		return service
	}
	return service + " (" + destination + ")"
}

// check returns a *StalePlanError if the saved plan is not what a deploy would carry out now. It looks at the hosts, so
// that such a deploy does not begin to build. Nil fits all.
func (s *SavedPlan) check(ctx context.Context, env Env) error {
	if s == nil {
		return nil
	}
	if err := s.fits(env); err != nil {
		return err
	}
	_, now, err := PlanToSave(ctx, env)
	if err != nil {
		return err
	}
	return s.same(now)
}

// same returns a *StalePlanError if now is another plan.
func (s *SavedPlan) same(now *SavedPlan) error {
	if bytes.Equal(compact(now.Plan), compact(s.Plan)) {
		return nil
	}
	return &StalePlanError{s.difference(now)}
}

// guard returns a planner that fails with a *StalePlanError if the plan of these facts is not the saved one.
func (s *SavedPlan) guard(env Env, next planner) planner {
	if s == nil {
		return next
	}
	return func(seen map[string]facts.Host) (*plan.Plan, error) {
		now, err := savePlan(env, seen)
		if err != nil {
			return nil, err
		}
		if err := s.same(now); err != nil {
			return nil, err
		}
		return next(seen)
	}
}

func compact(text json.RawMessage) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return text
	}
	return b.Bytes()
}

// difference says how a plan differs from the saved one, in lines of the summary where those differ.
func (s *SavedPlan) difference(now *SavedPlan) string {
	before, after := strings.Split(s.Summary, "\n"), strings.Split(now.Summary, "\n")
	var lines []string
	for _, line := range after {
		if !slices.Contains(before, line) {
			lines = append(lines, "now: "+strings.TrimSpace(line))
		}
	}
	for _, line := range before {
		if !slices.Contains(after, line) {
			lines = append(lines, "then: "+strings.TrimSpace(line))
		}
	}
	if len(lines) == 0 {
		return "the configuration or the hosts have changed since, so that its steps are others"
	}
	return "the configuration or the hosts have changed since:\n" + strings.Join(lines, "\n")
}
