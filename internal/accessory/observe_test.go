package accessory

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/facts"
)

var at = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

func TestRead_puts_together_what_there_is_of_each(t *testing.T) {
	t.Parallel()
	said := map[string]string{
		seeContainers: `{"seen":{"id":"c1","name":"/shop-db","image":"sha256:1","labels":{"service":"shop-db","mrsk.config":"abc","mrsk.alias":"m-1"},` +
			`"created":"2026-01-02T00:00:00Z","restart":"on-failure","retries":3,"state":"exited","exit":1,"started":"2026-01-02T00:00:00Z","finished":"2026-01-02T00:00:00Z","health":"","ip":""},` +
			`"reference":"mysql:8.0","path":"docker-entrypoint.sh","args":["mysqld","--x"]}` + "\n",
		seeImages:  `{"service":"shop-db","image":"sha256:2"}` + "\n" + `{"service":"elastic","image":"sha256:3"}` + "\n",
		seeFolders: "shop-db\ncache\n",
	}
	var h facts.Host
	if err := Read(func(step string) []byte { return []byte(said[step]) }, &h); err != nil {
		t.Fatal(err)
	}
	want := []facts.Accessory{
		{
			Service: "shop-db", Reference: "mysql:8.0", Command: "docker-entrypoint.sh mysqld --x", Config: "abc", Image: "sha256:2", Folder: true,
			Container: facts.Container{
				ID: "c1", Name: "shop-db", Image: "sha256:1", Alias: "m-1", State: "exited", ExitCode: 1, Restart: "on-failure:3",
				Created: at, Started: at, Finished: at,
			},
		},
		{Service: "elastic", Image: "sha256:3"},
		{Service: "cache", Folder: true},
	}
	if diff := cmp.Diff(want, h.Accessories); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if none := h.Accessory("other"); none != (facts.Accessory{Service: "other"}) {
		t.Errorf("of what is not there: %+v", none)
	}
}

func TestRead_refuses_what_is_no_word_of_docker(t *testing.T) {
	t.Parallel()
	for _, step := range []string{seeContainers, seeImages} {
		err := Read(func(of string) []byte { return map[string][]byte{step: []byte("{broken\n")}[of] }, &facts.Host{})
		if err == nil {
			t.Errorf("%s: no error", step)
		}
	}
}
