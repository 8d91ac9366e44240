package config

import (
	"path/filepath"
	"strings"
	"testing"

	"mrsk/internal/golden"
)

func TestShown_is_the_same_in_YAML_and_JSON(t *testing.T) {
	t.Parallel()
	c := load(t, secretive+`volumes: [data:/data]
logging: {driver: local}
accessories:
  db:
    image: postgres:17
    host: h3
    env: {clear: {USER: app}, secret: [DB_PASSWORD]}
    directories: ["data:/var/lib/postgresql/data"]
    proxy: {host: db.example.com}
`)
	c.Builder.Args = []Pair{{Name: "TOKEN", Value: "sesame"}}
	c.Builder.Cache = &Cache{Type: "gha", Image: "x"}
	v := c.All().Shown("abc123", false)
	inYAML, err := v.YAML()
	if err != nil {
		t.Fatal(err)
	}
	inJSON, err := v.JSON()
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/shown.yaml", string(inYAML))
	golden.Equal(t, "testdata/shown.json", string(inJSON))
}

func TestShown_does_without_a_version(t *testing.T) {
	t.Parallel()
	text, err := load(t, fleet).All().Shown("", false).YAML()
	if err != nil || strings.Contains(string(text), "version") {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestLoad_names_the_whole_path_of_a_missing_file(t *testing.T) {
	t.Parallel()
	for _, opts := range []LoadOptions{
		{Dir: "/srv/app"},
		{File: "/srv/app/config/deploy.yml"},
		{Dir: "/elsewhere", File: "/srv/app/config/deploy.yml"},
	} {
		opts.ReadFile = fakeFiles(nil)
		_, err := Load(opts)
		if want := "/srv/app/config/deploy.yml: there is no such file"; err == nil || err.Error() != want {
			t.Errorf("%+v: got %v, want %s", opts, err, want)
		}
	}
	files := fakeFiles(map[string]string{"config/deploy.yml": minimal})
	_, err := Load(LoadOptions{Destination: "prod", ReadFile: files})
	if err == nil || !strings.HasSuffix(err.Error(), filepath.Join("config", "deploy.prod.yml")+": there is no such file") {
		t.Errorf("destination: %v", err)
	}
	if _, err = Load(LoadOptions{Destination: "../x", ReadFile: files}); err == nil || !strings.Contains(err.Error(), `destination "../x"`) {
		t.Errorf("destination: %v", err)
	}
	if _, err = Load(LoadOptions{Destination: "shop.eu", ReadFile: fakeFiles(map[string]string{"config/deploy.yml": minimal, "config/deploy.shop.eu.yml": "service: eu"})}); err != nil {
		t.Errorf("a destination with a dot: %v", err)
	}
}

// A role that may be empty is one of the file all the same; what was not chosen is left out.
func TestShown_has_roles_without_hosts(t *testing.T) {
	t.Parallel()
	c := load(t, "service: app\nimage: i\nallow_empty_roles: true\nservers: {web: [h1], jobs: [], mail: [h2]}\n")
	all, err := c.Select(Selection{})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(all.Shown("", false).Roles, " "); got != "web jobs mail" {
		t.Errorf("roles: %s", got)
	}
	web, err := c.Select(Selection{Hosts: []string{"h1"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(web.Shown("", false).Roles, " "); got != "web jobs" {
		t.Errorf("roles of h1: %s", got)
	}
}
