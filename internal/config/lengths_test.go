package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Names that files on the hosts, or what docker keeps, could not be called after.
func TestLoad_refuses_names_that_are_too_long(t *testing.T) {
	t.Parallel()
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, test := range []struct{ text, destination, want string }{
		{"service: " + x(197) + "\nservers: [h]\n", "", ""},
		{"service: " + x(190) + "\nservers: [h]\n", x(8), "deploy.yml:2:10: servers: the names of service, role and destination have 201 characters together, but may have 200\n"},
		{"service: a\nservers:\n  web: [h]\n  " + x(199) + ":\n  - h\n", "", ""},
		{"service: a\nservers:\n  web: [h]\n  " + x(200) + ":\n  - h\n", "", "deploy.yml:5:3: servers/" + x(200) + ": the names of service, role and destination have 201 characters together, but may have 200\n"},
		{"service: a\nservers: [h]\naccessories:\n  " + x(198) + ":\n    {image: i, host: h}\n", "", ""},
		{"service: a\nservers: [h]\naccessories:\n  " + x(199) + ":\n    {image: i, host: h}\n", "", "deploy.yml:5:5: accessories/" + x(199) + ": the name of the accessory's service has 201 characters, but may have 200\n"},
		{"service: a\nservers: [h]\nimage: " + x(240) + "\n", "", ""},
		{"service: a\nservers: [h]\nimage: " + x(241) + "\n", "", "deploy.yml:3:8: image: the name of the image has 256 characters with its registry, but docker takes 255\n"},
		{"service: a\nservers: [h]\n", x(121), ""},
		{"service: a\nservers: [h]\n", x(122), "deploy.yml:1:1: the name of the destination has 122 characters, but docker takes 121 in a tag\n"},
	} {
		files := map[string]string{"deploy.yml": test.text, "deploy." + test.destination + ".yml": ""}
		_, err := Load(LoadOptions{File: "deploy.yml", Destination: test.destination, ReadFile: fakeFiles(files)})
		got := ""
		if err != nil {
			got = problemText(t, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%.60s: %s", test.text, diff)
		}
	}
}
