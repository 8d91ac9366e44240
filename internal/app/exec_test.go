package app

import (
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/golden"
	"mrsk/internal/redact"
)

const shop = `
service: shop
image: acme/shop
servers:
  web: {hosts: [vm1], options: {publish: "8080:80", memory: 1g}}
registry: {server: registry.example.com, username: user, password: [PASSWORD]}
volumes: ["data:/data"]
env:
  clear: {CLEAR: "${HOST_NAME} value"}
  secret: [TOKEN, LINES]
`

func load(t *testing.T) (*config.Scope, config.Role) {
	t.Helper()
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(shop), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c.All(), c.Roles[0]
}

// values are those of the secrets.
var values = config.NewSecrets(map[string]redact.String{"TOKEN": redact.New("secret"), "LINES": redact.New("secret\nLINES")})

func TestCommands_of_people(t *testing.T) {
	t.Parallel()
	c, role := load(t)
	exec := Exec{Scope: c, Secrets: values, Role: role, Host: "vm1", Version: "v1", Token: "token", Command: "bin/task 'a b'", Env: []config.Pair{{Name: "EXTRA", Value: "a$b"}}}
	with := func(change func(*Exec)) string {
		e := exec
		change(&e)
		return e.Line().Wire().Reveal()
	}
	var out strings.Builder
	for _, entry := range []struct{ name, line string }{
		{"exec", exec.Line().Wire().Reveal()},
		{"exec, as it is shown", exec.Line().String()},
		{"exec --detach", with(func(e *Exec) { e.Detach = true })},
		{"exec -i", with(func(e *Exec) { e.Input = true })},
		{"exec -i on a terminal", with(func(e *Exec) { e.Input, e.TTY = true, true })},
		{"exec -i --reuse on a terminal", with(func(e *Exec) { e.Input, e.TTY, e.Reuse, e.Version = true, true, true, "" })},
		{"exec --reuse --version v1", with(func(e *Exec) { e.Reuse = true })},
		{"logs", Logs(c.Project, "web", docker.Logs{Lines: "100"}).Wire().Reveal()},
		{"logs -f -T", Logs(c.Project, "web", docker.Logs{Lines: "10", Follow: true, SkipTimestamps: true}).Wire().Reveal()},
		{"logs --since 5m -g", Logs(c.Project, "web", docker.Logs{Since: "5m", Grep: "it's $HOME", GrepOptions: []string{"-i", "-C", "3"}}).Wire().Reveal()},
		{"logs -f -g", Logs(c.Project, "web", docker.Logs{Follow: true, Grep: "-x"}).Wire().Reveal()},
	} {
		out.WriteString("# " + entry.name + "\n" + entry.line + "\n\n")
	}
	c.Project.Destination = "eu"
	out.WriteString("# exec --detach -d eu\n" + with(func(e *Exec) { e.Detach = true }) + "\n\n")
	golden.Equal(t, "testdata/people.golden", out.String())
}

func TestCommands_that_look_at_the_app(t *testing.T) {
	t.Parallel()
	c, _ := load(t)
	var out strings.Builder
	for _, destination := range []string{"", "eu"} {
		c.Project.Destination = destination
		for _, s := range Observe(c.Project) {
			out.WriteString("# " + s.Name + "\n" + s.Run.Wire().Reveal() + "\n\n")
		}
	}
	golden.Equal(t, "testdata/observe.golden", out.String())
}
