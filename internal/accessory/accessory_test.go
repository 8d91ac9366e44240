package accessory

import (
	"strings"
	"testing"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
	"mrsk/internal/golden"
	"mrsk/internal/plan"
	"mrsk/internal/redact"
	"mrsk/internal/shell"
)

// shop has an accessory of each kind, and every key somewhere.
const shop = `
service: shop
image: acme/shop
servers:
  web: [vm1]
registry: {server: registry.example.com, username: user, password: [PASSWORD]}
logging: {driver: local, options: {max-file: "3"}}
accessories:
  db:
    image: mysql:8.0
    host: vm1
    port: 127.0.0.1:3306:3306
    cmd: mysqld --skip-log-bin
    env: {clear: {MYSQL_ROOT_HOST: "%", DC: "${DC:-eu}"}, secret: [MYSQL_ROOT_PASSWORD, LINES]}
    files:
      - config/my.cnf:/etc/mysql/my.cnf
      - {local: seed, remote: /docker-entrypoint-initdb.d/seed, mode: "0640", owner: "1000:1000", options: ro}
    directories:
      - data:/var/lib/mysql:z
      - {local: "/srv/it's", remote: /var/log/mysql, mode: "750", owner: mysql}
    volumes: ["backup:/backup", "${HOME}/x:/x"]
    options: {restart: "on-failure:3", cpus: 2, health-cmd: "mysqladmin ping", cap-add: [NET_ADMIN, SYS_TIME]}
    labels: {team: "${TEAM}"}
  search:
    service: elastic
    image: elastic/search:8
    registry: {server: registry.example.com, username: u, password: [PASSWORD]}
    host: vm1
    network: backend
  ui:
    image: acme/ui
    host: vm1
    network: backend
    options: {network: other}
    proxy: {host: ui.example.com, app_port: 5601}
  agent:
    image: agent
    host: vm1
    network: host
    options: {restart: "no"}
`

func load(t *testing.T) *config.Scope {
	t.Helper()
	c, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(shop), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return c.All()
}

// values are those of the secrets, with another password of the database.
func values(password string) config.Secrets {
	return config.NewSecrets(map[string]redact.String{"LINES": redact.New("first\nsecond"), "PASSWORD": redact.New("p"), "MYSQL_ROOT_PASSWORD": redact.New(password)})
}

func unit(t *testing.T, name string) Unit {
	t.Helper()
	a, found := load(t).Accessory(name)
	if !found {
		t.Fatal(name)
	}
	u := Unit{Accessory: a, Secrets: values("s3cret"), Host: facts.Host{Name: "vm1"}, Token: "token", Own: Own((&config.Project{}).All().Project, "vm1")}
	for range a.Files {
		u.Files = append(u.Files, "it's a file with s3cret\n")
	}
	return u
}

// made is the unit as it is after its container was made.
func made(u Unit, change func(*facts.Accessory)) Unit {
	a := facts.Accessory{
		Service: u.Accessory.Service, Reference: u.Accessory.Image, Config: u.config(), Image: "sha256:1", Folder: true,
		Container: facts.Container{ID: "c1", Name: u.Accessory.Service, Image: "sha256:1", State: "running", Restart: u.Accessory.Restart, Alias: "m-1"},
	}
	if change != nil {
		change(&a)
	}
	u.Host.Accessories = []facts.Accessory{a}
	return u
}

func TestCommands_of_every_key(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	add := func(steps ...plan.Step) {
		for _, s := range steps {
			out.WriteString("# " + s.Name + "\n" + s.Run.Wire().Reveal() + "\n\n")
		}
	}
	db := unit(t, "db")
	db.Files[1] = "binary\x00\xff"
	add(db.Prepare()...)
	for _, name := range []string{"db", "search", "ui", "agent"} {
		add(unit(t, name).Run(""))
	}
	there := made(db, func(a *facts.Accessory) { a.Container.Restart = "always" })
	add(there.AwaitUp())
	add(there.Keep("no")...)
	add(there.Start(""), there.Stop(""), there.Remove(""))
	add(append(there.RemoveFolder(""), there.RemoveImage("")...)...)
	add(Expect([]Unit{there, unit(t, "search")}))
	add(Observe([]config.Accessory{db.Accessory, unit(t, "search").Accessory})...)
	out.WriteString("# as they are shown\n")
	for _, s := range append(db.Prepare(), db.Run("")) {
		out.WriteString(s.Run.String() + "\n")
	}
	if shown := out.String()[strings.Index(out.String(), "# as they are shown"):]; strings.Contains(shown, "s3cret") {
		t.Error("the commands show a secret")
	}
	golden.Equal(t, "testdata/commands.golden", out.String())
}

func TestCommands_of_people(t *testing.T) {
	t.Parallel()
	db := unit(t, "db").Accessory
	fetch := shell.Text("{ fetch; } >&2")
	exec := Exec{Accessory: db, Secrets: values("s3cret"), Host: "vm1", Own: Own((&config.Project{}).All().Project, "vm1"), Token: "token", Command: "mysql 'a b'", Fetch: fetch}
	with := func(change func(*Exec)) string {
		e := exec
		change(&e)
		return e.Line().Wire().Reveal()
	}
	var out strings.Builder
	for _, entry := range []struct{ name, line string }{
		{"exec", exec.Line().Wire().Reveal()},
		{"exec, as it is shown", exec.Line().String()},
		{"exec -i", with(func(e *Exec) { e.Input = true })},
		{"exec -i on a terminal", with(func(e *Exec) { e.Input, e.TTY = true, true })},
		{"exec -i --reuse on a terminal", with(func(e *Exec) { e.Input, e.TTY, e.Reuse = true, true, true })},
		{"exec --reuse", with(func(e *Exec) { e.Reuse = true })},
		{"logs", Logs(db, docker.Logs{Lines: "100"}).Wire().Reveal()},
		{"logs -f -T", Logs(db, docker.Logs{Lines: "10", Follow: true, SkipTimestamps: true}).Wire().Reveal()},
		{"logs --since 5m -g", Logs(db, docker.Logs{Since: "5m", Grep: "it's", GrepOptions: []string{"-i"}}).Wire().Reveal()},
	} {
		out.WriteString("# " + entry.name + "\n" + entry.line + "\n\n")
	}
	golden.Equal(t, "testdata/people.golden", out.String())
}

func TestDiffers_says_in_what(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		seen   func(*facts.Accessory)
		change func(*Unit)
		want   string
	}{
		"in nothing":         {},
		"no container":       {seen: func(a *facts.Accessory) { a.Container.ID = "" }},
		"another tool's":     {seen: func(a *facts.Accessory) { a.Config = "" }, want: "another tool made it"},
		"another image":      {seen: func(a *facts.Accessory) { a.Reference = "mysql:5" }, want: "its image is mysql:5, and the configuration has mysql:8.0"},
		"a newer image":      {seen: func(a *facts.Accessory) { a.Image = "sha256:2" }, want: "the host has a newer image mysql:8.0"},
		"no image any more":  {seen: func(a *facts.Accessory) { a.Image = "" }},
		"another token":      {change: func(u *Unit) { u.Token = "another" }},
		"another file":       {change: func(u *Unit) { u.Files[0] = "x" }, want: "its configuration has changed"},
		"a file's mode":      {change: func(u *Unit) { u.Accessory.Files[0].Mode = "600" }, want: "its configuration has changed"},
		"a directory's mode": {change: func(u *Unit) { u.Accessory.Directories[0].Mode = "700" }, want: "its configuration has changed"},
		"a secret":           {change: func(u *Unit) { u.Secrets = values("new") }, want: "its configuration has changed"},
		"the restart policy": {change: func(u *Unit) { u.Accessory.Restart = "always" }, want: "its configuration has changed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := made(unit(t, "db"), tt.seen)
			if tt.change != nil {
				tt.change(&u)
			}
			if got := u.Differs(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A boot that was killed, or that failed, goes on where it stopped.
func TestNew_and_Unfinished_know_what_an_earlier_boot_left(t *testing.T) {
	t.Parallel()
	started := facts.Container{ID: "c", State: "running", Started: at, Restart: "on-failure:3"}
	with := func(change func(*facts.Container)) facts.Container {
		k := started
		change(&k)
		return k
	}
	for name, tt := range map[string]struct {
		k                          facts.Container
		changed, fresh, unfinished bool
	}{
		"up":                       {k: started},
		"healthy":                  {k: with(func(k *facts.Container) { k.Health = "healthy" })},
		"nobody waited to the end": {k: with(func(k *facts.Container) { k.Restart = "no" }), unfinished: true},
		"still starting":           {k: with(func(k *facts.Container) { k.Health = "starting" }), unfinished: true},
		"stopped":                  {k: with(func(k *facts.Container) { k.State = "exited" })},
		"stopped, and changed":     {k: with(func(k *facts.Container) { k.State = "exited" }), changed: true},
		"none":                     {fresh: true},
		"made, and no more":        {k: facts.Container{ID: "c", State: "created", Restart: "no"}, fresh: true},
		"ended at once":            {k: with(func(k *facts.Container) { k.State, k.Restart = "exited", "no" })},
		"ended at once, and changed since": {
			k: with(func(k *facts.Container) { k.State, k.Restart = "exited", "no" }), changed: true, fresh: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := made(unit(t, "db"), func(a *facts.Accessory) {
				a.Container = tt.k
				a.Container.Image = a.Image
				if tt.changed {
					a.Config = "old"
				}
			})
			if u.New() != tt.fresh || u.Unfinished() != tt.unfinished {
				t.Errorf("new %t, unfinished %t", u.New(), u.Unfinished())
			}
		})
	}
}

func TestNeedsNetwork_finds_it_among_the_options(t *testing.T) {
	t.Parallel()
	for network, want := range map[string]bool{
		"": true, "network: kamal": true, "network: mrsk": true, "network: backend": false, "network: host": false,
		"network: backend, options: {network: kamal}": true,
		"network: backend, options: {network: other}": false,
		"options: {network: host}":                    false,
		"options: {network: none}":                    false,
	} {
		text := "service: shop\naccessories: {db: {image: i, host: vm1, " + network + "}}\n"
		c, err := config.Load(config.LoadOptions{File: "d.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
		if err != nil {
			t.Fatal(err)
		}
		if got := (Unit{Accessory: c.Accessories[0]}).NeedsNetwork(); got != want {
			t.Errorf("%q: %v", network, got)
		}
	}
}
