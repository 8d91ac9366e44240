package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
)

const withEnv = `
service: shop
image: acme/shop
servers: {web: {hosts: [vm1], cmd: "echo $EUR ${HOME}"}}
registry: {server: "localhost:5000"}
env:
  clear: {PRICE: 5}
  secret: [TOKEN, DB_PASSWORD:STAGING_DB_PASSWORD]
`

func bootWithEnv(t *testing.T) Boot {
	t.Helper()
	return bootFrom(t, withEnv)
}

func bootFrom(t *testing.T, text string) Boot {
	t.Helper()
	p, err := config.Load(config.LoadOptions{File: "deploy.yml", ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
	if err != nil {
		t.Fatal(err)
	}
	c := p.All()
	return Boot{Scope: c, Role: c.Roles[0], Host: facts.Host{Name: "vm1"}, Version: "v1"}
}

// The label is read by anyone who may use Docker, so it has the names of secrets and no more.
func TestSettings_of_a_label_are_read_as_they_were_written(t *testing.T) {
	t.Parallel()
	b := bootWithEnv(t)
	label := b.settings()
	if strings.Contains(label, "$") {
		t.Errorf("the host would fill in a variable: %s", label)
	}
	got := settingsIn(map[string]string{docker.LabelSettings: label})
	if diff := cmp.Diff(Settings(b.Scope, b.Role, "vm1"), got); diff != "" {
		t.Errorf("written (-), read (+):\n%s", diff)
	}
	for key, want := range map[string]string{"cmd": "echo $EUR ${HOME}", "env/clear/PRICE": "", "env/secret/TOKEN": "", "env/secret/DB_PASSWORD": "STAGING_DB_PASSWORD"} {
		if text, found := got[key]; !found || text != want {
			t.Errorf("%s is %q (%t), want %q", key, text, found, want)
		}
	}
}

// docker run takes a label as one argument, and a later mrsk reads no larger label.
func TestSettings_that_are_too_large_are_not_in_a_label(t *testing.T) {
	t.Parallel()
	empty := len(bootWithEnv(t).settings()) + len(`"env/clear/":"",`)
	for name, tt := range map[string]struct {
		size int
		want bool
	}{
		"as large as can be read": {largest, true},
		"a byte more":             {largest + 1, false},
		"almost an argument":      {120 << 10, false},
	} {
		b := bootFrom(t, strings.Replace(withEnv, "{PRICE: 5", "{PRICE: 5, "+strings.Repeat("N", tt.size-empty)+": 1", 1))
		at := slices.IndexFunc(b.containerLabels(), func(p config.Pair) bool { return p.Name == docker.LabelSettings })
		switch {
		case (at >= 0) != tt.want:
			t.Errorf("%s: there is a label: %t", name, at >= 0)
		case at >= 0:
			label := b.containerLabels()[at].Value
			if len(label) != tt.size || settingsIn(map[string]string{docker.LabelSettings: label}) == nil {
				t.Errorf("%s: it has %d bytes, or cannot be read", name, len(label))
			}
		}
	}
}

func TestSettings_in_a_label_that_is_not_ours_are_none(t *testing.T) {
	t.Parallel()
	for name, labels := range map[string]map[string]string{
		"no labels": nil, "no label": {"service": "shop"}, "empty": {docker.LabelSettings: ""}, "cut off": {docker.LabelSettings: `{"a":"b`},
		"a list": {docker.LabelSettings: `["a"]`}, "a number": {docker.LabelSettings: `{"a":1}`},
		"too large": {docker.LabelSettings: `{"a":"` + strings.Repeat("b", largest) + `"}`},
	} {
		if got := settingsIn(labels); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A long text makes no long label, and yet a change of it is noticed.
func TestSettingText_of_a_long_value_is_its_hash(t *testing.T) {
	t.Parallel()
	fits := strings.Repeat("x", longest)
	if got := settingText(fits); got != fits {
		t.Errorf("%d bytes become %q", longest, got)
	}
	one, two := settingText(fits+"1"), settingText(fits+"2")
	if !strings.HasPrefix(one, "text with the hash ") || len(one) > longest || one == two {
		t.Errorf("got %q and %q", one, two)
	}
	if got := settingText([]string{"a", "b c"}); got != "a, b c" {
		t.Errorf("a list becomes %q", got)
	}
	if got := settingText(5); got != "5" {
		t.Errorf("a number becomes %q", got)
	}
}

func TestReadEnv_gives_each_container_its_own(t *testing.T) {
	t.Parallel()
	h := facts.Host{Containers: []facts.Container{{ID: "a"}, {ID: "b"}}}
	answer := func(text string) func(string) []byte { return func(string) []byte { return []byte(text) } }
	err := ReadEnv(answer(`{"id":"a","env":["A=1","EMPTY=","WITH=a=b","NAME"]}`+"\n"+`{"id":"other","env":["B=2"]}`+"\n"), &h)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name, value := range h.Containers[0].Env {
		got[name] = value.Reveal()
	}
	if diff := cmp.Diff(map[string]string{"A": "1", "EMPTY": "", "WITH": "a=b", "NAME": ""}, got); diff != "" || h.Containers[1].Env != nil {
		t.Errorf("b has %v, and a -want +got:\n%s", h.Containers[1].Env, diff)
	}
}

// The environment has secrets, so no error may quote the answer.
func TestReadEnv_quotes_nothing_of_an_answer_that_it_cannot_read(t *testing.T) {
	t.Parallel()
	h := facts.Host{Containers: []facts.Container{{ID: "a"}}}
	for _, answer := range []string{`{"id":"a","env":["TOKEN=s3cr3t"`, "s3cr3t", `{"id":"a","env":"TOKEN=s3cr3t"}`} {
		err := ReadEnv(func(string) []byte { return []byte(answer + "\n") }, &h)
		if err == nil || strings.Contains(err.Error(), "s3cr3t") || h.Containers[0].Env != nil {
			t.Errorf("%s: %v, %v", answer, err, h.Containers[0].Env)
		}
	}
}
