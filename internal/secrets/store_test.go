package secrets

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// project writes files into a new folder.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func get(t *testing.T, s *Store, key string) string {
	t.Helper()
	value, err := s.Get(key)
	if err != nil {
		t.Fatal(err)
	}
	return value.Reveal()
}

func TestStore_reads_the_common_file_and_that_of_the_destination(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{
		".mrsk/secrets-common": "A=common\nB=common\n",
		".mrsk/secrets":        "B=plain\nC=plain\n",
		".mrsk/secrets.prod":   "B=prod\n",
	})
	for _, test := range []struct {
		destination string
		files       []string
		want        map[string]string
	}{
		{"", []string{".mrsk/secrets-common", ".mrsk/secrets"}, map[string]string{"A": "common", "B": "plain", "C": "plain"}},
		{"prod", []string{".mrsk/secrets-common", ".mrsk/secrets.prod"}, map[string]string{"A": "common", "B": "prod"}},
		{"other", []string{".mrsk/secrets-common"}, map[string]string{"A": "common", "B": "common"}},
	} {
		s := Open(t.Context(), Options{Dir: dir, Destination: test.destination})
		all, err := s.All()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, secret := range all {
			got[secret.Key] = secret.Value.Reveal()
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("destination %q (-want +got):\n%s", test.destination, diff)
		}
		if diff := cmp.Diff(test.files, s.Files()); diff != "" {
			t.Errorf("files of destination %q (-want +got):\n%s", test.destination, diff)
		}
	}
}

func TestStore_uses_the_reference_s_folder_only_where_there_is_no_own(t *testing.T) {
	t.Parallel()
	old := map[string]string{".kamal/secrets": "A=kamal\n"}
	if got := get(t, Open(t.Context(), Options{Dir: project(t, old)}), "A"); got != "kamal" {
		t.Errorf("A = %q", got)
	}
	both := map[string]string{".kamal/secrets": "A=kamal\n", ".mrsk/secrets": "A=mrsk\n"}
	if got := get(t, Open(t.Context(), Options{Dir: project(t, both)}), "A"); got != "mrsk" {
		t.Errorf("A = %q", got)
	}
	named := map[string]string{"deploy/keys": "A=named\n"}
	if got := get(t, Open(t.Context(), Options{Dir: project(t, named), Path: "deploy/keys"}), "A"); got != "named" {
		t.Errorf("A = %q", got)
	}
}

func TestStore_says_where_a_missing_secret_was_looked_for(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		files map[string]string
		hint  string
	}{
		{nil, "there is no secrets file yet: write .mrsk/secrets, with lines such as NAME=value"},
		{map[string]string{".mrsk/secrets": "A=1"}, "set it in .mrsk/secrets"},
		{map[string]string{".mrsk/secrets-common": "A=1", ".mrsk/secrets": "A=1"}, "set it in .mrsk/secrets-common or .mrsk/secrets"},
	} {
		_, err := Open(t.Context(), Options{Dir: project(t, test.files)}).Get("B")
		var missing *MissingError
		if !errors.As(err, &missing) {
			t.Fatalf("error %v", err)
		}
		if missing.MissingSecret() != "B" || missing.Hint() != test.hint {
			t.Errorf("got %v, hint %q; want hint %q", missing, missing.Hint(), test.hint)
		}
	}
}

func TestStore_runs_each_command_once_and_none_before_it_is_asked(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	s := Open(t.Context(), Options{
		Dir: project(t, map[string]string{".mrsk/secrets": "A=$(fetch)\nB=$A-b\n"}),
		Run: func(context.Context, string, []string) (string, error) {
			runs.Add(1)
			return "fetched\n", nil
		},
	})
	if runs.Load() != 0 {
		t.Error("a command ran before a secret was asked for")
	}
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if value, err := s.Get("B"); err != nil || value.Reveal() != "fetched-b" {
				t.Errorf("B = %v, %v", value, err)
			}
		})
	}
	wait.Wait()
	if n := runs.Load(); n != 1 {
		t.Errorf("the command ran %d times", n)
	}
}

func TestStore_gives_commands_the_values_in_their_environment(t *testing.T) {
	t.Parallel()
	var env []string
	s := Open(t.Context(), Options{
		Dir:     project(t, map[string]string{".mrsk/secrets": "A=one\nB=$(fetch $A)\n"}),
		Environ: []string{"HOME=/home/u", "A=outer"},
		Run: func(_ context.Context, command string, environ []string) (string, error) {
			env = environ
			return command, nil
		},
	})
	if got := get(t, s, "B"); got != "fetch $A" {
		t.Errorf("the command is %q", got)
	}
	env = slices.DeleteFunc(env, func(entry string) bool { return strings.HasPrefix(entry, reading+"=") })
	if diff := cmp.Diff([]string{"HOME=/home/u", "A=outer", "A=one"}, env); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

// A file whose command needs the file would be read over and over.
func TestStore_refuses_files_that_need_themselves(t *testing.T) {
	t.Parallel()
	one := project(t, map[string]string{".mrsk/secrets": "A=$(mrsk secrets print)\n"})
	two := project(t, map[string]string{".mrsk/secrets": "A=$(mrsk secrets print)\n"})
	var nested func(dir string, deep int) Run
	nested = func(dir string, deep int) Run {
		return func(ctx context.Context, _ string, env []string) (string, error) {
			if deep == 0 {
				return "", errors.New("it goes on and on")
			}
			s := Open(ctx, Options{Dir: dir, Environ: env, Run: nested(one, deep-1)})
			value, err := s.Get("A")
			return value.Reveal(), err
		}
	}
	_, err := Open(t.Context(), Options{Dir: one, Run: nested(two, 5)}).Get("A")
	if err == nil || !strings.HasSuffix(err.Error(), ".mrsk/secrets: a command of this file needs the secrets of this file") {
		t.Errorf("error %v", err)
	}
}

func TestStore_tells_a_failing_command_without_any_value(t *testing.T) {
	t.Parallel()
	failure := errors.New("exit status 1: no entry for token-value-2 and document-value in the vault")
	s := Open(t.Context(), Options{
		Dir: project(t, map[string]string{".mrsk/secrets": "J='{\"a\": \"document-value\"}'\nTOKEN=token-value\nSECOND=token-value-2\nB=$(vault get $TOKEN)\n"}),
		Run: func(context.Context, string, []string) (string, error) { return "", failure },
	})
	_, err := s.Get("TOKEN")
	want := `.mrsk/secrets:4: the command "vault …": exit status 1: no entry for [REDACTED] and [REDACTED] in the vault`
	if err == nil || err.Error() != want {
		t.Fatalf("got  %v\nwant %s", err, want)
	}
	if !errors.Is(err, failure) {
		t.Error("the command's own error is lost")
	}
	var file *FileError
	if !errors.As(err, &file) || file.Line != 4 {
		t.Errorf("%#v is no FileError of line 4", err)
	}
}

func TestStore_tells_a_file_that_cannot_be_read(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{".mrsk/secrets": "A=1"})
	s := Open(t.Context(), Options{Dir: dir})
	if len(s.Files()) != 1 {
		t.Fatal("the file was not seen")
	}
	if err := os.Remove(filepath.Join(dir, ".mrsk/secrets")); err != nil {
		t.Fatal(err)
	}
	_, err := s.Get("A")
	if err == nil || !strings.HasPrefix(err.Error(), ".mrsk/secrets: no such file") {
		t.Errorf("error %v", err)
	}
}
