package app

import (
	"encoding/json"
	"fmt"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/plan"
	"mrsk/internal/redact"
)

// longest is the length in bytes above which a label has the hash of a setting in place of its text.
const longest = 120

// Settings returns what the configuration says about a role on a host, by path below the role, as texts. Variables of
// the environment are among them, without their values.
func Settings(scope *config.Scope, role config.Role, host string) map[string]string {
	role.Env = role.EnvOn(host)
	all := map[string]string{}
	for _, s := range scope.RoleSettings(role) {
		text := settingText(s.Value)
		if text == redact.Mark || s.Key == "env/secret/"+text { // the usual name of a secret says nothing
			text = ""
		}
		all[s.Key] = text
	}
	return all
}

func settingText(value any) string {
	text := fmt.Sprint(value)
	if list, is := value.([]string); is {
		text = strings.Join(list, ", ")
	}
	if len(text) > longest {
		return "text with the hash " + docker.Hash(12, text)
	}
	return text
}

// settings returns the role's settings as JSON, for a label of the new container. A later plan compares them with the
// configuration of that time. The host would fill in ${NAME} in a label, so that a dollar sign is escaped. It returns ""
// if there would be no room for it.
func (b Boot) settings() string {
	text, _ := json.Marshal(Settings(b.Scope, b.Role, b.Host.Name)) // never fails for this type
	label := strings.ReplaceAll(string(text), "$", `\u0024`)
	if len(label) > largest {
		return ""
	}
	return label
}

// largest is the length in bytes of the largest label that mrsk writes, and that settingsIn and placementIn read. Linux
// limits an argument of docker run to 128 KiB, and a host may send a label of any length.
const largest = 64 << 10

// settingsIn parses the label of Boot.settings. It returns nil if the label is missing, malformed or too large.
func settingsIn(labels map[string]string) map[string]string {
	var all map[string]string
	if len(labels[docker.LabelSettings]) > largest {
		return nil
	}
	if err := json.Unmarshal([]byte(labels[docker.LabelSettings]), &all); err != nil {
		return nil
	}
	return all
}

// seeEnv is the name of the question for the environment of the app's containers.
const seeEnv = "look at the environment"

// ObserveEnv returns the question for the environment of the app's running containers. It cannot fail, because the
// output of a step that fails is shown.
func ObserveEnv(c *config.Project) []plan.Step {
	list := docker.Cmd("ps", "--quiet", "--no-trunc").Lits(filters(c, "")...)
	look := docker.Inspect(list, "inspect", `{"id":{{json .ID}},"env":{{json .Config.Env}}}`)
	return []plan.Step{{Name: seeEnv, Run: look, Captured: true}}
}

// ReadEnv sets the environment of the containers in h.
func ReadEnv(output func(step string) []byte, h *facts.Host) error {
	type seen struct {
		ID  string
		Env []string
	}
	all, err := docker.Lines(output(seeEnv), func(s seen) seen { return s })
	if err != nil {
		return fmt.Errorf("read the environment of containers: docker's answer is not JSON")
	}
	for _, s := range all {
		for i := range h.Containers {
			if h.Containers[i].ID == s.ID {
				h.Containers[i].Env = variables(s.Env)
			}
		}
	}
	return nil
}

func variables(env []string) map[string]redact.String {
	all := map[string]redact.String{}
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		all[name] = redact.New(value)
	}
	return all
}
