package workflow

import (
	"context"
	"slices"
	"strings"
	"sync"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/event"
	"mrsk/internal/image"
	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// Pull brings the image of the run's version to all hosts, out of the registry.
func (r *Run) Pull(ctx context.Context) error {
	r.Sink(event.Section{Text: "Pull the image on all hosts"})
	first, rest, err := r.seeds(ctx, r.Scope.AppHosts())
	if err != nil {
		return err
	}
	if len(first) > 0 {
		r.Sink(event.Note{Text: "Pulling on " + strings.Join(first, ", ") + " first, as other hosts have the same registry mirror"})
		if err := r.pullOn(ctx, first); err != nil {
			return err
		}
	}
	return r.pullOn(ctx, rest)
}

// seeds are the hosts to pull on first: one for each registry mirror that several hosts have, so
// that the mirror fetches the image once. Docker asks mirrors for what is on Docker Hub alone.
func (r *Run) seeds(ctx context.Context, hosts []string) (first, rest []string, err error) {
	if len(hosts) < 2 || !r.Scope.Project.OnDockerHub() {
		return nil, hosts, nil
	}
	var mu sync.Mutex
	mirrors := map[string]string{}
	err = r.Fleet.Each(ctx, hosts, func(ctx context.Context, h remote.Host) error {
		results, err := r.mirrorScript().Run(ctx, h, r.Sink)
		mu.Lock()
		defer mu.Unlock()
		mirrors[h.Name()] = strings.TrimSpace(string(results.Get(seeMirror).Stdout))
		return err
	})
	first, rest = parted(hosts, mirrors)
	return first, rest, err
}

const seeMirror = "look for a registry mirror"

func (r *Run) mirrorScript() script.Script {
	look := docker.Cmd("info", "--format", "{{with .RegistryConfig.Mirrors}}{{index . 0}}{{end}}")
	return script.Script{Prelude: r.prelude(), Steps: []script.Step{{Name: seeMirror, Run: look, BestEffort: true, Captured: true, VerboseOnly: true}}}
}

// parted puts the first host of each mirror that several hosts have before the others.
func parted(hosts []string, mirrors map[string]string) (first, rest []string) {
	having := map[string]int{}
	for _, host := range hosts {
		having[mirrors[host]]++
	}
	for _, host := range hosts {
		mirror := mirrors[host]
		if mirror != "" && having[mirror] > 1 && !slices.ContainsFunc(first, func(h string) bool { return mirrors[h] == mirror }) {
			first = append(first, host)
		} else {
			rest = append(rest, host)
		}
	}
	return first, rest
}

func (r *Run) pullOn(ctx context.Context, hosts []string) error {
	name := r.Scope.Project.AbsoluteImage(r.Version)
	s := script.Script{Prelude: r.prelude(), Steps: []script.Step{
		{Name: "pull " + name, Run: r.pull(r.Scope.Project.Registry, name), Captured: true},
		{Name: checkImage, Run: docker.Labelled.Call(name, docker.LabelService, r.Scope.Project.Service, app.SeeImageFormat), Captured: true, VerboseOnly: true},
	}}
	return r.Fleet.Each(ctx, hosts, func(ctx context.Context, h remote.Host) error {
		leave, err := r.leadToRegistry(ctx, h)
		if err != nil {
			return err
		}
		defer leave()
		results, err := s.Run(ctx, h, r.Sink)
		if err == nil {
			r.observer().AddImage(h.Name(), results.Get(checkImage).Stdout)
		}
		return err
	})
}

const checkImage = "check the image's label"

// pull pulls an image from a registry, and logs in only when it is refused: logging in asks the
// registry each time, and a host keeps its login.
func (r *Run) pull(from config.Registry, name string) shell.Line {
	pull := docker.Cmd("pull", "--quiet", name)
	login := image.LoginLine(from)
	if login.Empty() {
		return pull
	}
	return pull.Add(shell.Raw("2>/dev/null")).Or(login.And(pull).Group())
}
