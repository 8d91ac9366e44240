package cli

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"mrsk/internal/hook"
)

// A log that is kept must not make another project of it: with a folder .mrsk, hooks and secrets
// in .kamal would no longer count. Nor may it make the checkout one with changes.
func TestSaveLog_leaves_the_project_as_it_is(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{".kamal", ".mrsk"} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		ofKamal := hook.Folders{Project: dir}.OfKamal()
		o := newProgram(t.Context(), System{Dir: dir, Now: func() time.Time { return time.Unix(0, 0) }}).opener
		path, err := o.saveLog("vm1", "wait: healthy", []byte("crashed"))
		want := filepath.Join(folder, "logs", "19700101T000000Z-vm1-wait_healthy.log")
		if text, _ := os.ReadFile(filepath.Join(dir, path)); err != nil || path != want || string(text) != "crashed" {
			t.Errorf("%s, %v: %q; want %s", path, err, text, want)
		}
		if got := (hook.Folders{Project: dir}).OfKamal(); got != ofKamal {
			t.Errorf("%s: of Kamal before %v, after %v", folder, ofKamal, got)
		}
		if text, err := os.ReadFile(filepath.Join(dir, folder, "logs", ".gitignore")); err != nil || string(text) != "*\n" {
			t.Errorf("%s: git would see the logs: %q, %v", folder, text, err)
		}
	}
}
