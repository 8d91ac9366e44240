package config

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/erb"
)

// sampleWorld is a world with some variables and files, in which git knows a revision.
func sampleWorld() erb.World {
	environ := []string{"WORD=word", "PORT=8080", "HOSTS=h1, h2", "SSL=false", "NOTHING=", "KAMAL_DESTINATION=another"}
	files := fstest.MapFS{
		".ruby-version": {Data: []byte("3.4.1\n")},
		".env":          {Data: []byte("TOKEN=t0k\nWORD=not this\n")},
		"hosts.yml":     {Data: []byte("web: [h1, h2]\nworker: [h3]\n")},
	}
	return erb.World{
		Environ:  func() []string { return environ },
		Setenv:   func(name, value string) { environ = append(environ, name+"="+value) },
		Dir:      "/",
		ReadFile: func(path string) ([]byte, error) { return files.ReadFile(strings.TrimPrefix(path, "/")) },
		Stat:     func(path string) (fs.FileInfo, error) { return files.Stat(strings.TrimPrefix(path, "/")) },
		Run: func(command string, _ []string) (erb.Ran, error) {
			if strings.HasPrefix(command, "git ") {
				return erb.Ran{Stdout: "0123abc\n"}, nil
			}
			return erb.Ran{Status: 127}, nil
		},
		Dotenv: func(_, text string) ([]string, error) { return strings.Split(strings.TrimSpace(text), "\n"), nil },
	}
}

func TestTemplates_see_the_destination_of_this_run_only(t *testing.T) {
	t.Parallel()
	const text = "service: app\nimage: a\nservers: [h1]\nenv: {A: '<%= ENV[\"MRSK_DESTINATION\"] %>/<%= ENV.fetch(\"KAMAL_DESTINATION\", \"none\") %>'}\n"
	for destination, want := range map[string]string{"": "/none", "prod": "prod/prod"} {
		c, err := Load(LoadOptions{
			File: "deploy.yml", Destination: destination, World: sampleWorld(),
			ReadFile: fakeFiles(map[string]string{"deploy.yml": text, "deploy.prod.yml": ""}),
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Roles[0].Env.Clear; len(got) != 1 || got[0].Value != want {
			t.Errorf("with destination %q: %v", destination, got)
		}
	}
}

// What the base puts into the environment, the destination's file and the rest of the run find there.
func TestTemplates_share_what_they_put_into_the_environment(t *testing.T) {
	t.Parallel()
	w := sampleWorld()
	base := "<% require \"dotenv\"; Dotenv.load(\".env\") %>\nservice: ${env:TOKEN}\nimage: a\nservers: [h1]\n"
	c, err := Load(LoadOptions{
		File: "deploy.yml", Destination: "prod", World: w,
		ReadFile: fakeFiles(map[string]string{"deploy.yml": base, "deploy.prod.yml": "image: <%= ENV['TOKEN'] %>/<%= ENV['WORD'] %>\n"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.Service != "t0k" || c.Image != "t0k/word" || !slices.Contains(w.Environ(), "TOKEN=t0k") {
		t.Errorf("service %s, image %s, environment %v", c.Service, c.Image, w.Environ())
	}
}

func TestAliases_come_from_templates_whatever_else_is_missing(t *testing.T) {
	t.Parallel()
	text := "service: ${env:MISSING}\naliases:\n  say: app exec echo <%= ENV['WORD'] %>\n"
	all, err := Aliases(LoadOptions{File: "deploy.yml", World: sampleWorld(), ReadFile: fakeFiles(map[string]string{"deploy.yml": text})})
	if err == nil || len(all) != 1 {
		t.Fatalf("%v, error %v", all, err)
	}
	if diff := cmp.Diff("app exec echo word", all[0].Command); diff != "" {
		t.Error(diff)
	}
}
