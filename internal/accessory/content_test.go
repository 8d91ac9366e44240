package accessory

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/config"
	"mrsk/internal/erb"
	"mrsk/internal/redact"
	"mrsk/internal/yamltree"
)

func TestReadFiles_tells_all_that_is_wrong_at_its_place(t *testing.T) {
	t.Parallel()
	at := func(line int) yamltree.Pos { return yamltree.Pos{File: "config/deploy.yml", Line: line, Column: 9} }
	project := map[string]string{
		"plain": "a <%= not in a template %>", "empty.erb": "no tags", "init.sql.erb": "one\n  CREATE <%= name %>",
		"conf.erb": "<%= ENV['USER'] %> of <%= ENV['HOST'] %>: <%= ENV['PASSWORD'] %>",
		"large":    strings.Repeat("x", maxFile+1),
	}
	read := func(path string) ([]byte, error) {
		if path == "dir" {
			return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("is a directory")}
		}
		if text, there := project[path]; there {
			return []byte(text), nil
		}
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	mounts := func(paths ...string) (all []config.Mount) {
		for i, p := range paths {
			all = append(all, config.Mount{Local: p, Pos: at(i + 1)})
		}
		return all
	}
	world := erb.World{Environ: func() []string { return []string{"HOST=here", "USER=me"} }}
	env := config.Env{
		Clear:  []config.Pair{{Name: "USER", Value: "app"}},
		Secret: []config.Secret{{Name: "PASSWORD", Key: "KEY"}},
	}
	here, nowhere := []string{"vm1"}, []string(nil)
	files, err := ReadFiles([]config.Accessory{
		{Name: "a", Hosts: here, Files: mounts("plain", "empty.erb", "conf.erb"), Env: env}, {Name: "b", Hosts: nowhere, Files: mounts("missing")},
	}, config.NewSecrets(map[string]redact.String{"KEY": redact.New("s3cret")}), read, world)
	if diff := cmp.Diff(Files{"a": {"a <%= not in a template %>", "no tags", "app of here: s3cret"}}, files); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	_, err = ReadFiles([]config.Accessory{{Name: "a", Hosts: here, Files: mounts("plain", "missing", "init.sql.erb", "dir", "large")}}, config.Secrets{}, read, world)
	want := `config/deploy.yml:2:9: accessories/a/files/1: there is no file missing
config/deploy.yml:3:9: accessories/a/files/2: init.sql.erb:2:14: name is not known here
config/deploy.yml:4:9: accessories/a/files/3: cannot read dir: is a directory
config/deploy.yml:5:9: accessories/a/files/4: large has 16777217 bytes, more than the limit of 16777216: put it on the host, and mount it with volumes`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
