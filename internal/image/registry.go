package image

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/event"
	"mrsk/internal/local"
)

// registryImage answers the registry's protocol on port 5000 and keeps its data in
// /var/lib/registry.
const registryImage = "registry:3"

// registryName is the name of the container and of its volume: projects that name the same port
// share a registry.
func registryName(r config.Registry) string { return "mrsk-registry-" + r.Port() }

// Enter makes the registry ready for this machine's docker: one on localhost is started where
// it does not answer, at any other docker logs in.
func Enter(ctx context.Context, r config.Registry, events event.Sink) error {
	if !r.Local() {
		return Login(ctx, r, events)
	}
	if answers(ctx, r) == nil {
		return nil
	}
	run := runner{events: events}
	err := run.run(ctx, "start the registry on port "+r.Port(), startRegistry(r))
	if err != nil {
		return err
	}
	return awaitRegistry(ctx, r)
}

// startRegistry starts the container that there is, or makes it.
func startRegistry(r config.Registry) command {
	name := registryName(r)
	const script = `docker start "$0" 2>/dev/null || exec docker run --detach --name "$0" --publish "$1" --volume "$2" --label service=mrsk-registry "$3"`
	return command{}.with("/bin/sh", "-c", script, name, "127.0.0.1:"+r.Port()+":5000", name+":/var/lib/registry", registryImage)
}

// RegistryError is a registry on localhost that does not answer.
type RegistryError struct {
	Server string
	Err    error
}

func (e *RegistryError) Error() string {
	return "the registry on " + e.Server + " does not answer: " + e.Err.Error()
}

// Unwrap returns what was tried.
func (e *RegistryError) Unwrap() error { return e.Err }

// Hint says where to look.
func (e *RegistryError) Hint() string {
	_, port, _ := strings.Cut(e.Server, ":")
	return "docker logs mrsk-registry-" + port + "; something else may listen on port " + port
}

// registryStart is how long a registry may take until it answers.
const registryStart = 20 * time.Second

func awaitRegistry(ctx context.Context, r config.Registry) error {
	ctx, cancel := context.WithTimeout(ctx, registryStart)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		err := answers(ctx, r)
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return &RegistryError{r.Server, err}
		}
	}
}

// answers asks for the root of the registry's API, which every registry has.
func answers(ctx context.Context, r config.Registry) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+r.Port()+"/v2/", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<10))
	if answer.StatusCode != http.StatusOK {
		return errors.New("what listens there is no registry: " + answer.Status)
	}
	return nil
}

// Discard removes the registry that Enter has started, with the images in it. Where there is
// none nothing happens.
func Discard(ctx context.Context, r config.Registry, events event.Sink) error {
	if !r.Local() {
		return Logout(ctx, r, events)
	}
	run, name := runner{events: events}, registryName(r)
	err := run.run(ctx, "remove the registry on port "+r.Port(), docker("rm", "--force", "--volumes", name))
	var exit *local.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	return errors.Join(err, run.run(ctx, "remove its images", docker("volume", "rm", "--force", name)))
}
