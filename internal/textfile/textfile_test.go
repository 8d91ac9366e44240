package textfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"mrsk/internal/textfile"
)

func TestRead_ends_whatever_a_path_leads_to(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	large, fifo := filepath.Join(dir, "large"), filepath.Join(dir, "fifo")
	if err := os.WriteFile(large, make([]byte, textfile.Most+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		large:                          "is larger than 1048576 bytes",
		"/dev/zero":                    "is larger than 1048576 bytes",
		dir:                            "is a directory",
		filepath.Join(dir, "is", "no"): "no such file",
		fifo:                           "",
		"/dev/null":                    "",
	} {
		text, err := textfile.Read(path)
		if want == "" && (err != nil || len(text) > 0) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
}

// A pipe is what <(command) is for a shell.
func TestRead_reads_a_pipe_to_its_end(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	writer, err := os.OpenFile(fifo, os.O_RDWR, 0) // opens at once, as both ends are
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("a line\n", 20_000)
	go func() {
		_, _ = writer.WriteString(want)
		_ = writer.Close()
	}()
	if text, err := textfile.Read(fifo); err != nil || string(text) != want {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

func TestReplace_replaces_a_file_and_follows_a_link(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", link); err != nil {
		t.Fatal(err)
	}
	if err := textfile.Replace(link, []byte("new"), 0o755); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(file)
	info, err := os.Lstat(file)
	if err != nil || string(text) != "new" || info.Mode() != 0o755 {
		t.Errorf("%q, %v, %v", text, info, err)
	}
	if left, err := os.ReadDir(dir); len(left) != 2 || err != nil {
		t.Errorf("%v, %v", left, err)
	}
	if err := textfile.Replace(filepath.Join(dir, "none", "file"), nil, 0o600); err == nil {
		t.Error("it made a folder")
	}
}

func TestCheckReplace_says_what_Replace_would(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("old"), 0o400); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "none", "file"), link); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		file: "", filepath.Join(dir, "new"): "", link: "",
		dir: "it is there and is not a file", "/dev/null": "it is there and is not a file",
		filepath.Join(dir, "none", "file"): "no such file or directory",
		filepath.Join(file, "below"):       "not a directory",
	} {
		err := textfile.CheckReplace(path)
		if got := fmt.Sprint(err); err == nil && want != "" || err != nil && got != want {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
	if left, err := os.ReadDir(dir); len(left) != 2 || err != nil {
		t.Errorf("%v, %v", left, err)
	}
}
