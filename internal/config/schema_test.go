package config

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"mrsk/internal/golden"
)

func TestReference_has_a_schema(t *testing.T) {
	t.Parallel()
	golden.Equal(t, "../../docs/deploy.schema.json", Schema())
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("deploy.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("deploy.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// instance returns what an editor makes of a file.
func instance(text string) (any, error) {
	var parsed any
	if err := yaml.Unmarshal([]byte(text), &parsed); err != nil {
		return nil, err
	}
	asJSON, err := json.Marshal(parsed)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
}

// texts are the files of a case, as far as they are YAML without templates that make up its structure.
func (c testCase) texts() []string {
	return strings.Split(c.body, "\n---\n")
}

// Every file of the test data that loads is valid, and all examples of the reference. Templates in place of a list or
// a hash are left out: an editor sees text there.
func TestSchema_accepts_files_that_load(t *testing.T) {
	t.Parallel()
	s, valid := schema(t), 0
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	check := func(title, text string) {
		parsed, err := instance(text)
		if err != nil || parsed == nil || strings.Contains(text, "servers: <%") {
			return
		}
		if err := s.Validate(parsed); err != nil {
			t.Errorf("%s: %v\n%s", title, err, text)
		}
		valid++
	}
	for _, file := range files {
		for _, c := range cases(t, file) {
			if _, err := Load(c.opts()); err == nil {
				for _, text := range c.texts() {
					check(filepath.Base(file)+": "+c.title, text)
				}
			}
		}
	}
	for name, text := range examples {
		check("the example of "+name, text)
	}
	check("templates and variables", "proxy: {app_port: \"<%= ENV['PORT'] %>\", ssl: \"${env:SSL}\"}\nallow_empty_roles: Yes")
	if valid < 200 {
		t.Errorf("only %d files were checked", valid)
	}
}

// unknownKey is what Load says of a key that there is not.
var unknownKey = regexp.MustCompile(`unknown key "`)

func TestSchema_refuses_unknown_keys(t *testing.T) {
	t.Parallel()
	s, refused := schema(t), 0
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, c := range cases(t, file) {
			_, err := Load(c.opts())
			if err == nil || !unknownKey.MatchString(err.Error()) {
				continue
			}
			if slices.ContainsFunc(c.texts(), func(text string) bool {
				parsed, err := instance(text)
				return err != nil || s.Validate(parsed) != nil
			}) {
				refused++
			} else {
				t.Errorf("%s: %s: valid, but Load says %v", filepath.Base(file), c.title, err)
			}
		}
	}
	if refused < 10 {
		t.Errorf("only %d files were checked", refused)
	}
}

func TestSchema_refuses_wrong_types(t *testing.T) {
	t.Parallel()
	s := schema(t)
	for _, text := range []string{
		"service: [a]", "servers: 1", "servers: {web: {hosts: a}}", "servers: {web: {host: a}}", "proxy: {app_port: many}",
		"proxy: {ssl: {certificate: A}}", "deploy_timeout: soon", "env: {clear: [A]}", "accessories: {db: {imag: postgres}}",
		"builder: {arch: {a: b}}", "retain_containers: {}",
	} {
		parsed, err := instance(text)
		if err != nil || s.Validate(parsed) == nil {
			t.Errorf("%q is valid, %v", text, err)
		}
	}
}
