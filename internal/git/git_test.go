package git

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// runner is a real git that knows nothing of this machine's configuration.
func runner(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_CEILING_DIRECTORIES=" + os.TempDir(),
	}
	out, err := cmd.Output()
	return string(out), err
}

// checkout is a new repository; with a commit of one file when commit is set.
func checkout(t *testing.T, commit bool) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir := t.TempDir()
	write(t, dir, "file", "one")
	do := func(args ...string) {
		if out, err := runner(t.Context(), dir, args...); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	do("init", "-q")
	if commit {
		do("config", "user.email", "ann@example.com")
		do("config", "user.name", "Ann")
		do("add", "file")
		do("commit", "-q", "-m", "One")
	}
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestDescribe_is_the_hash_of_a_clean_tree(t *testing.T) {
	t.Parallel()
	dir := checkout(t, true)
	head, err := runner(t.Context(), dir, "rev-parse", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Describe(t.Context(), runner, Options{Dir: dir})
	if err != nil || got != strings.TrimSpace(head) || len(got) != 40 {
		t.Fatalf("got %q, %v; want %q", got, err, head)
	}
}

func TestDescribe_marks_changes_that_are_built(t *testing.T) {
	t.Parallel()
	dir := checkout(t, true)
	clean, err := Describe(t.Context(), runner, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "new", "two")

	got, err := Describe(t.Context(), runner, Options{Dir: dir, Random: strings.NewReader("\x00\x01\x02\x03\x04\x05\xfe\xff")})
	if want := clean + "_uncommitted_000102030405feff"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if got, err = Describe(t.Context(), runner, Options{Dir: dir, FromClone: true}); err != nil || got != clean {
		t.Errorf("from a clone: got %q, %v; want %q", got, err, clean)
	}
}

func TestDescribe_tells_that_there_is_no_commit(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]string{
		t.TempDir():        "no version can be derived from git: exit status 128",
		checkout(t, false): "no version can be derived from git: the repository has no commit yet",
	} {
		_, err := Describe(t.Context(), runner, Options{Dir: dir})
		var none *NoRepositoryError
		if !errors.As(err, &none) {
			t.Fatalf("error %v", err)
		}
		if !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if !strings.Contains(none.Hint(), "--version") || !strings.Contains(none.Hint(), "VERSION") {
			t.Errorf("hint %q", none.Hint())
		}
	}
}

func TestDescribe_tells_a_cancelled_run_as_such(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("interrupted")
	cancel(stop)
	if _, err := Describe(ctx, runner, Options{Dir: t.TempDir()}); !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
}

func TestSubject(t *testing.T) {
	t.Parallel()
	dir := checkout(t, true)
	head, err := runner(t.Context(), dir, "rev-parse", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	want, err := runner(t.Context(), dir, "log", "-1", "--format=%s")
	if err != nil || want == "" {
		t.Fatal(want, err)
	}
	for version, subject := range map[string]string{
		strings.TrimSpace(head): strings.TrimSpace(want), strings.TrimSpace(head) + "_uncommitted_0123456789abcdef": strings.TrimSpace(want),
		"v1": "", "": "", "--all": "", strings.Repeat("ab", 20): "",
	} {
		if got := Subject(t.Context(), runner, dir, version); got != subject {
			t.Errorf("%q: got %q, want %q", version, got, subject)
		}
	}
}

func TestAbbreviate(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"0123456789abcdef":                   "0123456",
		"v1":                                 "v1",
		"0123456789_uncommitted_0123456789a": "0123456789_uncommitted_0123456789a",
	} {
		if got := Abbreviate(version); got != want {
			t.Errorf("Abbreviate(%q) = %q, want %q", version, got, want)
		}
	}
}

func TestWhoami_reads_git_s_configuration(t *testing.T) {
	t.Parallel()
	u := Whoami(t.Context(), runner, checkout(t, true))
	if u != (User{"Ann", "ann@example.com"}) || u.Performer("ann") != "ann@example.com" {
		t.Errorf("got %+v", u)
	}
	if u = Whoami(t.Context(), runner, t.TempDir()); u.Performer("ann") != "ann" {
		t.Errorf("without a configuration: %+v", u)
	}
}

func TestRoot_is_the_top_of_the_checkout(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(checkout(t, true))
	if err != nil {
		t.Fatal(err)
	}
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := Root(t.Context(), runner, sub); err != nil || got != dir {
		t.Errorf("got %q, %v; want %q", got, err, dir)
	}
}

func TestBetween_lists_commits_newest_first(t *testing.T) {
	t.Parallel()
	dir := checkout(t, true)
	do := func(args ...string) string {
		out, err := runner(t.Context(), dir, args...)
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return strings.TrimSpace(out)
	}
	first := do("rev-parse", "HEAD")
	for _, subject := range []string{"Two", "Three"} {
		do("commit", "-q", "--allow-empty", "-m", subject)
	}
	last := do("rev-parse", "HEAD")
	for name, tt := range map[string]struct {
		from, to string
		want     []string
	}{
		"two":                   {first, last, []string{"Three", "Two"}},
		"with changes":          {first, last + "_uncommitted_0123456789abcdef", []string{"Three", "Two"}},
		"backwards":             {last, first, nil},
		"no commit":             {"v1", last, nil},
		"an option":             {"--output=/tmp/x", last, nil},
		"an unknown commit":     {strings.Repeat("a", 40), last, nil},
		"a short one that fits": {first[:10], last, []string{"Three", "Two"}},
	} {
		var got []string
		for _, line := range Between(t.Context(), runner, dir, tt.from, tt.to) {
			_, subject, _ := strings.Cut(line, " ")
			got = append(got, subject)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func TestBetween_counts_what_it_leaves_out(t *testing.T) {
	t.Parallel()
	many := func(context.Context, string, ...string) (string, error) {
		return strings.Repeat("0123456 Work\n", 25), nil
	}
	got := Between(t.Context(), many, "", "0123456", "abcdef0")
	if len(got) != 11 || got[10] != "and 15 more" {
		t.Errorf("got %q", got)
	}
}
