package scaffold_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/scaffold"
)

// kamals makes a project of Kamal's.
func kamals(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		".kamal/hooks/pre-deploy":        "#!/bin/sh\n# kamal runs this\necho $KAMAL_VERSION ${KAMAL_HOSTS} $KAMAL_VERSION\nkamal app version\n",
		".kamal/hooks/pre-build.sample":  "#!/bin/sh\n",
		".kamal/secrets":                 "A=$(kamal secrets fetch --adapter test --account x A)\nB=$KAMAL_DESTINATION\n",
		".kamal/secrets-common":          "C=1\n",
		"config/deploy.yml":              "service: shop\nhooks_path: .kamal/hooks\nsecrets_path: \".kamal/secrets\"\n",
		"config/deploy.staging.yml":      "env: {clear: {PLACE: staging}}\n",
		"config/other/deploy.ignored.md": ".kamal/\n",
	} {
		path := filepath.Join(dir, name)
		mode := os.FileMode(0o600)
		if strings.Contains(name, "hooks/") {
			mode = 0o755
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFromKamal_moves_the_folder_and_says_what_it_renamed(t *testing.T) {
	t.Parallel()
	dir := kamals(t)
	changes, err := scaffold.FromKamal(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		mark := ""
		if c.Todo {
			mark = "TODO "
		}
		got = append(got, mark+c.Path+": "+c.Text)
	}
	want := []string{
		".mrsk: was .kamal",
		".mrsk/hooks/pre-deploy: KAMAL_HOSTS is now MRSK_HOSTS, KAMAL_VERSION is now MRSK_VERSION",
		"TODO .mrsk/hooks/pre-deploy: still has to do with kamal on line 4",
		".mrsk/secrets: kamal secrets is now mrsk secrets",
		"TODO .mrsk/secrets: still has to do with kamal on line 2",
		"config/deploy.yml: .kamal/ is now .mrsk/",
		"TODO the app: its containers now have MRSK_VERSION, MRSK_CONTAINER_NAME and MRSK_HOST in place of the KAMAL_ names",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	hook := filepath.Join(dir, ".mrsk/hooks/pre-deploy")
	info, err := os.Stat(hook)
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("the hook: %v, %v", info, err)
	}
	text, _ := os.ReadFile(filepath.Join(dir, "config/deploy.yml"))
	if string(text) != "service: shop\nhooks_path: .mrsk/hooks\nsecrets_path: \".mrsk/secrets\"\n" {
		t.Errorf("config/deploy.yml is\n%s", text)
	}
}

func TestFromKamal_changes_nothing_where_it_cannot(t *testing.T) {
	t.Parallel()
	if _, err := scaffold.FromKamal(t.TempDir()); err == nil || err.Error() != "there is no folder .kamal to move" {
		t.Errorf("without .kamal: %v", err)
	}
	dir := kamals(t)
	if err := os.Mkdir(filepath.Join(dir, ".mrsk"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := scaffold.FromKamal(dir); err == nil || !strings.Contains(err.Error(), ".mrsk already") {
		t.Errorf("with both: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".kamal/secrets")); err != nil {
		t.Error(err)
	}
}

func TestFromKamal_can_be_repeated_after_a_failure(t *testing.T) {
	t.Parallel()
	dir := kamals(t)
	broken := filepath.Join(dir, "config", "deploy.broken.yml")
	if err := os.Symlink("nowhere", broken); err != nil {
		t.Fatal(err)
	}
	if _, err := scaffold.FromKamal(dir); err == nil {
		t.Fatal("a file that cannot be read is no failure")
	}
	if err := os.Remove(broken); err != nil {
		t.Fatal(err)
	}
	if _, err := scaffold.FromKamal(dir); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, ".mrsk/secrets")); err != nil || !strings.HasPrefix(string(text), "A=$(mrsk secrets fetch") {
		t.Errorf("%q, %v", text, err)
	}
}
