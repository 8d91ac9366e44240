package scaffold_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/hook"
	"mrsk/internal/local"
	"mrsk/internal/scaffold"
)

func expected(folder string) []string {
	paths := []string{folder + "/secrets", folder + "/deploy.schema.json", "config/deploy.yml"}
	for _, name := range hook.Names() {
		paths = append(paths, folder+"/hooks/"+name+".sample")
	}
	return paths
}

func written(t *testing.T, dir string) (fresh, kept []string) {
	t.Helper()
	all, err := scaffold.Write(dir, scaffold.Project{Service: "shop", Hosts: []string{"vm1"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.Kept {
			kept = append(kept, f.Path)
		} else {
			fresh = append(fresh, f.Path)
		}
	}
	return fresh, kept
}

var anyOrder = cmp.Transformer("set", func(all []string) map[string]bool {
	set := map[string]bool{}
	for _, one := range all {
		set[one] = true
	}
	return set
})

func TestWrite_creates_a_configuration_secrets_and_a_sample_of_every_hook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fresh, kept := written(t, dir)
	if diff := cmp.Diff(expected(".mrsk"), fresh, anyOrder); diff != "" || kept != nil {
		t.Errorf("kept %q\n%s", kept, diff)
	}
	for _, path := range fresh {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		executable := info.Mode().Perm()&0o100 != 0
		if sample := strings.HasSuffix(path, ".sample"); sample != executable {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
	}
}

func TestWrite_leaves_files_that_exist_as_they_are(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine := filepath.Join(dir, "config", "deploy.yml")
	if err := os.Mkdir(filepath.Dir(mine), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mine, []byte("service: mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, kept := written(t, dir); !cmp.Equal(kept, []string{"config/deploy.yml"}) {
		t.Errorf("kept %q", kept)
	}
	text, err := os.ReadFile(mine)
	if err != nil || string(text) != "service: mine\n" {
		t.Errorf("%q, %v", text, err)
	}
	if fresh, _ := written(t, dir); fresh != nil {
		t.Errorf("the second time wrote %q", fresh)
	}
}

func TestWrite_stays_with_the_folder_of_the_reference_tool(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".kamal"), 0o755); err != nil {
		t.Fatal(err)
	}
	if fresh, _ := written(t, dir); !cmp.Equal(expected(".kamal"), fresh, anyOrder) {
		t.Errorf("wrote %q", fresh)
	}
	if _, err := os.Stat(filepath.Join(dir, ".mrsk")); err == nil {
		t.Error(".mrsk would hide the hooks of .kamal")
	}
}

// Every sample is valid shell, says under which name it works, and names all that it is told.
func TestSamples(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	written(t, dir)
	facts := []string{
		"RECORDED_AT", "PERFORMER", "SERVICE", "DESTINATION", "VERSION", "SERVICE_VERSION", "HOSTS",
		"ROLES", "LOCK", "LOCK_TOKEN", "COMMAND", "SUBCOMMAND",
	}
	for _, name := range hook.Names() {
		path := filepath.Join(dir, ".mrsk", "hooks", name+".sample")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := local.Run(t.Context(), local.Command{Argv: []string{"sh", "-n", path}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.Contains(string(text), "Rename this file to "+name+" to") {
			t.Errorf("%s does not say how to switch it on", name)
		}
		for _, fact := range facts {
			if !strings.Contains(string(text), "# MRSK_"+fact+" ") {
				t.Errorf("%s does not explain MRSK_%s", name, fact)
			}
		}
		told := name == hook.PostDeploy || name == hook.PostRollback
		if strings.Contains(string(text), "MRSK_RUNTIME") != told {
			t.Errorf("%s and MRSK_RUNTIME", name)
		}
	}
}
