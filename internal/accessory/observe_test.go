package accessory

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/docker"
	"mrsk/internal/facts"
)

var at = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

func TestRead_puts_together_what_there_is_of_each(t *testing.T) {
	t.Parallel()
	said := map[string]string{
		seeImages:  `{"service":"shop-db","image":"sha256:2"}` + "\n" + `{"service":"elastic","image":"sha256:3"}` + "\n",
		seeFolders: "shop-db\ncache\n",
	}
	labels := map[string]string{"service": "shop-db", "mrsk.config": "abc", "mrsk.alias": "m-1"}
	h := facts.Host{Seen: []docker.Seen{
		{ID: "c0", Name: "/shop-db-web-1", Labels: labels},
		{
			ID: "c1", Name: "/shop-db", Image: "sha256:1", Labels: labels, Created: at, Started: at, Finished: at,
			Restart: "on-failure", Retries: 3, State: "exited", Exit: 1, Reference: "mysql:8.0", Path: "docker-entrypoint.sh", Args: []string{"mysqld", "--x"},
		},
		{ID: "c2", Name: "/elastic", Labels: map[string]string{"service": "other"}},
	}}
	all := []config.Accessory{{Service: "shop-db"}, {Service: "elastic"}, {Service: "cache"}}
	if err := Read(all, func(step string) []byte { return []byte(said[step]) }, &h); err != nil {
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
	if none := h.Accessory("other"); !cmp.Equal(none, facts.Accessory{Service: "other"}) {
		t.Errorf("of what is not there: %+v", none)
	}
}

func TestRead_refuses_what_is_no_word_of_docker(t *testing.T) {
	t.Parallel()
	err := Read(nil, func(string) []byte { return []byte("{broken\n") }, &facts.Host{})
	if err == nil {
		t.Error("no error")
	}
}
