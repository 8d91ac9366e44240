package workflow

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

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

// pullImage pulls the image on all hosts. If again is not nil, it rebuilds an image that is damaged in
// the cache of this machine.
func pullImage(ctx context.Context, env Env, again rebuild) error {
	env.Sink(event.Section{Text: "Pull the image on all hosts"})
	first, rest, err := mirrorFirst(ctx, env, env.Scope.AppHosts())
	if err != nil {
		return err
	}
	if len(first) > 0 {
		env.Sink(event.Note{Text: "Pulling on " + strings.Join(first, ", ") + " first, because other hosts use the same registry mirror"})
		if err := pullOn(ctx, env, first, again); err != nil {
			return err
		}
	}
	return pullOn(ctx, env, rest, again)
}

// mirrorFirst picks the hosts to pull on first: one for each registry mirror that several hosts use.
// So the mirror fetches the image once. Docker uses mirrors for images of Docker Hub only.
func mirrorFirst(ctx context.Context, env Env, hosts []string) (first, rest []string, err error) {
	if len(hosts) < 2 || !env.Scope.Project.OnDockerHub() {
		return nil, hosts, nil
	}
	var mu sync.Mutex
	mirrors := map[string]string{}
	err = onEach(ctx, env, hosts, func(ctx context.Context, h remote.Host) error {
		results, err := mirrorScript(env).Run(ctx, h, env.Sink)
		mu.Lock()
		defer mu.Unlock()
		mirrors[h.Name()] = strings.TrimSpace(string(results.Of(findMirror).Stdout))
		return err
	})
	first, rest = splitByMirror(hosts, mirrors)
	return first, rest, err
}

// findMirror is the step that reads the registry mirror from docker's configuration.
var findMirror = new(script.Key)

func mirrorScript(env Env) script.Script {
	look := docker.Cmd("info", "--format", "{{with .RegistryConfig.Mirrors}}{{index . 0}}{{end}}")
	return script.Script{Prelude: env.prelude(), Steps: []script.Step{{Name: "look for a registry mirror", Key: findMirror, Run: look, BestEffort: true, Captured: true, VerboseOnly: true}}}
}

// splitByMirror splits hosts in two: the first host of each mirror that several hosts use, and the
// others. mirrors has the mirror of each host, "" for none.
func splitByMirror(hosts []string, mirrors map[string]string) (first, rest []string) {
	users := map[string]int{}
	for _, host := range hosts {
		users[mirrors[host]]++
	}
	for _, host := range hosts {
		mirror := mirrors[host]
		if mirror != "" && users[mirror] > 1 && !slices.ContainsFunc(first, func(h string) bool { return mirrors[h] == mirror }) {
			first = append(first, host)
		} else {
			rest = append(rest, host)
		}
	}
	return first, rest
}

func pullOn(ctx context.Context, env Env, hosts []string, again rebuild) error {
	env.Sink(event.Stage{Name: "pull", Hosts: hosts})
	if env.Scope.Project.Registry.Local() {
		return pullFromHere(ctx, env, hosts, again)
	}
	name := env.Scope.Project.AbsoluteImage(env.Version)
	s := script.Script{Prelude: env.prelude(), Steps: []script.Step{
		{Name: "pull " + name, Run: pullLine(env.Scope.Project.Registry, env.Secrets, name), Captured: true},
		checkStep(env, name),
	}}
	return onEach(ctx, env, hosts, func(ctx context.Context, h remote.Host) error {
		began := time.Now()
		results, err := s.Run(ctx, h, env.Sink)
		if err == nil {
			pulled(env, h.Name(), results, event.Reached{Took: time.Since(began)})
		}
		return err
	})
}

// pulled notes that a host has the image. reached has how long that took, and how many bytes.
func pulled(env Env, host string, results script.Results, reached event.Reached) {
	env.Observer.AddImage(host, results.Of(checkImage).Stdout)
	reached.Host, reached.Stage, reached.Done = host, "pull", "image"
	env.Sink(reached)
}

// checkImage is the step that checks the label of an image and prints what facts have of it.
var checkImage = new(script.Key)

// pullLine returns the line that pulls an image from a registry. It logs in only if the pull fails: a
// host keeps its login, and each login is a request to the registry.
func pullLine(from config.Registry, secrets config.Secrets, name string) shell.Line {
	pull := docker.Cmd("pull", "--quiet", name)
	login := image.LoginLine(from, secrets)
	if login.Empty() {
		return pull
	}
	return pull.Add(shell.Raw("2>/dev/null")).Or(login.And(pull).Group())
}
