package workflow

import (
	"context"
	"slices"
	"strings"
	"sync"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/event"
	"mrsk/internal/image"
	"mrsk/internal/remote"
	"mrsk/internal/script"
	"mrsk/internal/shell"
)

// PullImage pulls the image of the run's version on all hosts.
func PullImage(ctx context.Context, env Env) error { return pullImage(ctx, env, nil) }

// pullImage is PullImage; an image that is damaged on this machine is built again.
func pullImage(ctx context.Context, env Env, again rebuild) error {
	env.Sink(event.Section{Text: "Pull the image on all hosts"})
	first, rest, err := seeds(ctx, env, env.Scope.AppHosts())
	if err != nil {
		return err
	}
	if len(first) > 0 {
		env.Sink(event.Note{Text: "Pulling on " + strings.Join(first, ", ") + " first, as other hosts have the same registry mirror"})
		if err := pullOn(ctx, env, first, again); err != nil {
			return err
		}
	}
	return pullOn(ctx, env, rest, again)
}

// seeds are the hosts to pull on first: one for each registry mirror that several hosts have, so
// that the mirror fetches the image once. Docker asks mirrors for what is on Docker Hub alone.
func seeds(ctx context.Context, env Env, hosts []string) (first, rest []string, err error) {
	if len(hosts) < 2 || !env.Scope.Project.OnDockerHub() {
		return nil, hosts, nil
	}
	var mu sync.Mutex
	mirrors := map[string]string{}
	err = env.Fleet.Each(ctx, hosts, func(ctx context.Context, h remote.Host) error {
		results, err := mirrorScript(env).Run(ctx, h, env.Sink)
		mu.Lock()
		defer mu.Unlock()
		mirrors[h.Name()] = strings.TrimSpace(string(results.Get(seeMirror).Stdout))
		return err
	})
	first, rest = splitByMirror(hosts, mirrors)
	return first, rest, err
}

const seeMirror = "look for a registry mirror"

func mirrorScript(env Env) script.Script {
	look := docker.Cmd("info", "--format", "{{with .RegistryConfig.Mirrors}}{{index . 0}}{{end}}")
	return script.Script{Prelude: env.prelude(), Steps: []script.Step{{Name: seeMirror, Run: look, BestEffort: true, Captured: true, VerboseOnly: true}}}
}

// splitByMirror puts the first host of each mirror that several hosts have before the others.
func splitByMirror(hosts []string, mirrors map[string]string) (first, rest []string) {
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

func pullOn(ctx context.Context, env Env, hosts []string, again rebuild) error {
	if env.Scope.Project.Registry.Local() {
		return pullFromHere(ctx, env, hosts, again)
	}
	name := env.Scope.Project.AbsoluteImage(env.Version)
	s := script.Script{Prelude: env.prelude(), Steps: []script.Step{
		{Name: "pull " + name, Run: pullLine(env.Scope.Project.Registry, name), Captured: true},
		checkStep(env, name),
	}}
	return env.Fleet.Each(ctx, hosts, func(ctx context.Context, h remote.Host) error {
		results, err := s.Run(ctx, h, env.Sink)
		if err == nil {
			env.Observer.AddImage(h.Name(), results.Get(checkImage).Stdout)
		}
		return err
	})
}

const checkImage = "check the image's label"

// pullLine pulls an image from a registry, and logs in only when that fails: a login asks the
// registry each time, and a host keeps its login.
func pullLine(from config.Registry, name string) shell.Line {
	pull := docker.Cmd("pull", "--quiet", name)
	login := image.LoginLine(from)
	if login.Empty() {
		return pull
	}
	return pull.Add(shell.Raw("2>/dev/null")).Or(login.And(pull).Group())
}
