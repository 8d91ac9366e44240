package deploy

import (
	"strings"
	"testing"

	"mrsk/internal/app"
	"mrsk/internal/config"
	"mrsk/internal/golden"
	"mrsk/internal/redact"
)

// deployedFrom has the containers of the request look as if they had been started with another configuration and these
// variables.
func deployedFrom(t *testing.T, r *Request, before string, env map[string]string) {
	t.Helper()
	c := load(t, before)
	values := map[string]redact.String{"PATH": redact.New("/bin")}
	for name, value := range env {
		values[name] = redact.New(value)
	}
	for _, host := range r.Scope.AppHosts() {
		containers := r.Facts[host].Containers
		for i, k := range containers {
			if role, there := c.Role(k.Role); there {
				containers[i].Settings, containers[i].Env = app.Settings(c, role, host), values
			}
		}
	}
}

func TestChanges_name_what_differs_from_the_containers_that_run(t *testing.T) {
	t.Parallel()
	const base = "service: shop\nimage: shop\nservers:\n  web: [vm1, vm2]\n  workers: {hosts: [vm2], cmd: bin/jobs}\n"
	for name, tt := range map[string]struct {
		before, after string // added to base
		env           map[string]string
		change        func(*Request)
	}{
		"nothing":                {change: sameVersion},
		"a version":              {},
		"settings of all":        {before: "volumes: [a:/a]\n", after: "volumes: [b:/b]\nasset_path: /assets\n"},
		"the proxy":              {before: "proxy: {host: a.example.com}\n", after: "proxy: {hosts: [a.example.com, b.example.com], app_port: 3000}\n"},
		"variables":              {before: "env: {clear: {GONE: 1, SAME: 1, OTHER: 1}, secret: [OLD]}\n", after: "env: {clear: {SAME: 1, OTHER: 2, NEW: 1}}\n", env: map[string]string{"GONE": "1", "SAME": "1", "OTHER": "1"}},
		"a secret":               {before: "env: {secret: [KNOWN]}\n", after: "env: {secret: [KNOWN]}\n", env: map[string]string{"KNOWN": "former"}},
		"a secret as before":     {before: "env: {secret: [KNOWN]}\n", after: "env: {secret: [KNOWN]}\n", env: map[string]string{"KNOWN": "s3cret"}},
		"a variable of the host": {before: "env: {clear: {A: '${HOME}'}}\n", after: "env: {clear: {A: '${HOME}'}}\n", env: map[string]string{"A": "/root"}},
		"clear becomes secret":   {before: "env: {clear: {KNOWN: 1}}\n", after: "env: {secret: [KNOWN]}\n", env: map[string]string{"KNOWN": "1"}},
		"a long text":            {before: "labels: {note: " + strings.Repeat("a", 200) + "}\n", after: "labels: {note: " + strings.Repeat("b", 200) + "}\n"},
		"a first deploy":         {change: bare},
		"another tool":           {change: func(r *Request) { r.Facts["vm1"].Containers[0].Settings = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rolledOutFrom(t, load(t, base+tt.after))
			r.Secrets = config.NewSecrets(map[string]redact.String{"KNOWN": redact.New("s3cret")})
			deployedFrom(t, &r, base+tt.before, tt.env)
			if tt.change != nil {
				tt.change(&r)
			}
			p, err := Rollout(r)
			if err != nil {
				t.Fatal(err)
			}
			golden.Equal(t, "testdata/changes/"+strings.ReplaceAll(name, " ", "-")+".golden", p.Summary())
		})
	}
}

// sameVersion has the hosts have the image of the version that runs.
func sameVersion(r *Request) {
	r.Version = "v2"
	for _, h := range r.Facts {
		h.Images[len(h.Images)-1].Tags = []string{r.Scope.Project.AbsoluteImage("v2")}
	}
}

func TestChanges_name_a_role_that_leaves_a_host(t *testing.T) {
	t.Parallel()
	r := rolledOutFrom(t, load(t, "service: shop\nimage: shop\nservers:\n  web: [vm1, vm2]\n"))
	p, err := Rollout(r)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(p.Summary(), "\n  - workers: version v2 stops (vm2)\n") {
		t.Errorf("got:\n%s", p.Summary())
	}
}

// What a host says about a container is not trusted.
func TestSettings_of_a_container_may_be_anything(t *testing.T) {
	t.Parallel()
	r := rolledOutFrom(t, load(t, "service: shop\nimage: shop\nservers: [vm1, vm2]\n"))
	h := r.Facts["vm1"]
	h.Containers[0].Settings = map[string]string{"proxy/hosts": "\x1b[2J", "": ""}
	h.Containers[0].Env = map[string]redact.String{}
	r.Facts["vm1"] = h
	if _, err := Rollout(r); err != nil {
		t.Fatal(err)
	}
}
