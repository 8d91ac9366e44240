package docker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"mrsk/internal/config"
	"mrsk/internal/shell"
)

// seenFormat picks the fields of docker inspect that plans stand on, a JSON object a line. The
// environment is not among them: it holds secrets.
const seenFormat = `{"id":{{json .ID}},"name":{{json .Name}},"image":{{json .Image}},"labels":{{json .Config.Labels}},` +
	`"reference":{{json .Config.Image}},"path":{{json .Path}},"args":{{json .Args}},` +
	`"created":{{json .Created}},"restart":{{json .HostConfig.RestartPolicy.Name}},"retries":{{.HostConfig.RestartPolicy.MaximumRetryCount}},` +
	`"state":{{json .State.Status}},"exit":{{.State.ExitCode}},"restarts":{{.RestartCount}},"started":{{json .State.StartedAt}},"finished":{{json .State.FinishedAt}},` +
	`"health":"{{if .State.Health}}{{.State.Health.Status}}{{end}}",` +
	`"mode":{{json .HostConfig.NetworkMode}},` +
	`"joined":{{with index .NetworkSettings.Networks "` + Network + `"}}true,"endpoint":{{json .EndpointID}},"aliases":{{json .Aliases}}{{else}}false{{end}}}`

// Seen is a container in the output of Look.
type Seen struct {
	ID, Name, Image, Restart, State, Health string

	Reference                  string // the image as it was named
	Path                       string // the program, with its arguments
	Args                       []string
	Retries, Exit, Restarts    int // limit of the policy on-failure, exit status, and restarts by Docker since it was started
	Labels                     map[string]string
	Mode                       string   // the network that it was started with
	Joined                     bool     // it is to be on Network
	Endpoint                   string   // there, "" as long as it does not run
	Aliases                    []string // there
	Created, Started, Finished time.Time
}

// Look tells of the containers of services, and of those with these names: two programs for all of
// them, as starting a program costs more than what it tells.
func Look(services []string, names ...string) shell.Line {
	return see.Call(strings.Join(services, " "), seenFormat).Lits(names...)
}

// RemoveUntagged removes the service's images that have lost their tag and that no container uses.
func RemoveUntagged(service string) shell.Line {
	return removeUntagged.Call(LabelService + "=" + service)
}

// Named is the one of that name among those that were seen.
func Named(seen []Seen, name string) Seen {
	for _, s := range seen {
		if s.Name == "/"+name {
			return s
		}
	}
	return Seen{}
}

// Alias is the container's name on Network, "" if it has none.
func (s Seen) Alias() string {
	if label := s.Labels[LabelAlias]; label != "" {
		return label
	}
	if adopted := Adopted(s.ID); slices.Contains(s.Aliases, adopted) {
		return adopted
	}
	return ""
}

// Detached reports whether the container runs without Network, though it does not share another
// stack. Docker starts one so whose first start failed.
func (s Seen) Detached() bool {
	return s.State == "running" && s.Mode != "" && !config.ExclusiveNetwork(s.Mode) && s.Endpoint == ""
}

// Adopted is the name on Network of a container that another tool made, once it was connected.
// Such a container has no label for it, and cannot get one; so the name tells the container.
func Adopted(id string) string { return "m-" + id[:min(len(id), 12)] }

// Policy is the container's restart policy as docker run takes it.
func (s Seen) Policy() string {
	if s.Retries > 0 {
		return fmt.Sprintf("%s:%d", s.Restart, s.Retries)
	}
	return s.Restart
}

// Inspect looks at what list lists; command is what follows docker, with a format at its end.
// Something can vanish between the two commands; what is left is told all the same.
func Inspect(list shell.Line, command ...string) shell.Line {
	format := command[len(command)-1]
	look := shell.Cmd("xargs", "-r", "docker").Lits(command[:len(command)-1]...).Lits("--format", format)
	return list.Pipe(look.Or(shell.Text(":")).Group())
}

// Lines decodes a JSON value a line.
func Lines[T, F any](out []byte, fact func(T) F) ([]F, error) {
	var all []F
	for line := range bytes.Lines(out) {
		var raw T
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := json.Unmarshal(line, &raw); err != nil {
			return nil, err
		}
		all = append(all, fact(raw))
	}
	return all, nil
}
