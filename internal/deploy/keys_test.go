package deploy

import (
	"regexp"
	"strings"
	"testing"

	"mrsk/internal/accessory"
	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/plan"
)

// Every key that has to do with what happens on the hosts, and what it changes there. A test of all
// packages sees to it that no key is missing: see internal/keys_test.go.
func TestKeys_change_what_is_done(t *testing.T) {
	t.Parallel()
	golden.Effects(t, "testdata/keys/*.txt", done)
}

// done is what is done with a configuration: on hosts where there is nothing, and in place of a
// version that runs. What is refused is told in place of that.
func done(t *testing.T, text string) string {
	t.Helper()
	c, err := configured(text)
	if err != nil {
		return golden.Refused + err.Error()
	}
	var out strings.Builder
	for _, n := range c.Project.Notices {
		out.WriteString("warning: " + n.Error() + "\n")
	}
	secrets := secretsOf(c, func(key string) string { return "the " + key })
	r := onHostsWith(c, secrets, nil)
	bare(&r)
	a := Accessories{Scope: c, Secrets: secrets, Facts: map[string]facts.Host{}, Token: "t", Files: filesOf(c)}
	for _, name := range c.Hosts() {
		h := r.Facts[name]
		h.Name = name
		r.Facts[name] = h
	}
	first, err := Setup(r, a)
	if err != nil {
		return golden.Refused + err.Error()
	}
	plans := []*plan.Plan{first}
	if len(c.Roles) > 0 {
		next := onHostsWith(c, secrets, func(h *facts.Host) { runsWith(c, secrets, "v2")(h); earlier(c, h) })
		plans = append(plans, planned(t, next), Prune(State{Scope: c, Facts: next.Facts}, What{Containers: true, Retain: c.Project.RetainContainers}))
	}
	for _, p := range plans {
		parses(t, p)
		out.WriteString(wrapped(p.Commands()))
	}
	return out.String()
}

// olderKey is in the cases of MRSK and Kamal 1. All others are newer files, which secrets_path tells.
var olderKey = regexp.MustCompile(`traefik|stop_wait_time|primary_web_role|ssh_user|multiarch|(?m:^healthcheck)|jobs.*healthcheck|web.*healthcheck`)

// configured loads a configuration, completed to one that could be deployed.
func configured(text string) (*config.Scope, error) {
	needed := map[string]string{
		"service": "shop", "image": "acme/shop", "servers": "[vm1]", "registry": "{server: registry.example.com, username: user, password: [PASSWORD]}",
	}
	if !olderKey.MatchString(text) {
		needed["secrets_path"] = ".mrsk/secrets"
	}
	for key, value := range needed {
		if !regexp.MustCompile(`(?m)^` + key + `:`).MatchString(text) {
			text += "\n" + key + ": " + value
		}
	}
	c, err := config.Load(config.LoadOptions{
		File: "deploy.yml", Version: "1.2.3", ReadFile: func(string) ([]byte, error) { return []byte(text), nil },
	})
	if err != nil {
		return nil, err
	}
	if c.ErrorPages.Path != "" {
		c.ErrorPages.Pages = map[int]string{503: "closed"}
	}
	return c.All(), nil
}

func filesOf(c *config.Scope) accessory.Files {
	files := accessory.Files{}
	for _, a := range c.Accessories {
		for _, f := range a.Files {
			files[a.Name] = append(files[a.Name], "content of "+f.Local)
		}
	}
	return files
}

// earlier adds stopped containers of older versions.
func earlier(c *config.Scope, h *facts.Host) {
	for n, version := range []string{"u1", "u2", "u3", "u4", "u5", "u6"} {
		for _, role := range c.RolesOn(h.Name) {
			h.Containers = append(h.Containers, container(role.Name+"-"+version, version, "exited", 9-n))
			h.Containers[len(h.Containers)-1].Role = role.Name
		}
	}
}

var (
	configHash = regexp.MustCompile(`mrsk\.config=[0-9a-f]{12}`)
	pagePlugin = regexp.MustCompile("(?s)// Package page .*?</p>\\s*`\\s*")
	clientCode = regexp.MustCompile(`(?s)// Package client .*?id\[10:\]\)}\s*}\s*`)
	option     = regexp.MustCompile(` (--[a-z])`)
)

// wrapped has every option on a line of its own, and neither a program that no key changes nor the
// hash of what is there anyway.
func wrapped(commands string) string {
	commands = configHash.ReplaceAllString(commands, "mrsk.config=…")
	commands = pagePlugin.ReplaceAllString(commands, "«page.go»")
	commands = clientCode.ReplaceAllString(commands, "«client.go»")
	return option.ReplaceAllString(commands, "\n          $1")
}
