package image_test

import (
	"cmp"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"mrsk/internal/local"
)

// A place is somewhere to run a build from.
type place struct {
	name    string
	project string // the folder that mrsk is started in
	top     string // the top folder of its working tree
}

// places makes one checkout of each kind. All of them hold uncommitted work.
func places(t *testing.T, w *workshop) []place {
	t.Helper()
	base := t.TempDir()
	at := func(name string) string { return filepath.Join(base, name) }
	w.write("services/api/Dockerfile", "FROM scratch\n")
	w.write("services/api/app", "api\n")
	w.write(".gitignore", "*.ignored\n")
	w.git("add", ".")
	w.git("commit", "--quiet", "-m", "api")
	w.git("worktree", "add", "--quiet", at("linked"))
	w.git("clone", "--quiet", w.dir, at("detached"))
	w.git("-C", at("detached"), "checkout", "--quiet", "--detach")
	w.git("clone", "--quiet", w.dir, at("sparse"))
	w.git("-C", at("sparse"), "sparse-checkout", "set", "--no-cone", "/Dockerfile", "/app")
	w.git("clone", "--quiet", "--separate-git-dir", at("separate.git"), w.dir, at("separate"))
	w.git("init", "--quiet", at("super"))
	w.git("-C", at("super"), "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", w.dir, "engine")
	w.git("-C", at("super"), "commit", "--quiet", "-m", "engine")
	found := []place{{"checkout", w.dir, w.dir}, {"subfolder", filepath.Join(w.dir, "services", "api"), w.dir}}
	for _, name := range []string{"linked", "detached", "sparse", "separate", "super/engine"} {
		found = append(found, place{name, at(name), at(name)})
	}
	for _, p := range found {
		leaveWork(t, p.top)
	}
	return found
}

// leaveWork leaves uncommitted work of each kind: stashed, staged, changed, new, and ignored.
func leaveWork(t *testing.T, dir string) {
	t.Helper()
	gitIn(t, dir, "config", "user.name", "Ada")
	put(t, filepath.Join(dir, "app"), "stashed\n")
	gitIn(t, dir, "stash", "--quiet")
	put(t, filepath.Join(dir, "app"), "staged\n")
	gitIn(t, dir, "add", "app")
	put(t, filepath.Join(dir, "Dockerfile"), "FROM scratch\n# changed\n")
	put(t, filepath.Join(dir, "new"), "new\n")
	put(t, filepath.Join(dir, "build.ignored"), "ignored\n")
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func gitIn(t *testing.T, dir string, words ...string) string {
	t.Helper()
	out, err := local.Git(t.Context(), dir, words...)
	if err != nil {
		t.Fatalf("git %q in %s: %v", words, dir, err)
	}
	return out
}

// state is all that a user could lose: the files of the working tree, the bytes of the index, the
// refs, the stash, and the configuration.
func state(t *testing.T, dir string) map[string]string {
	t.Helper()
	s := map[string]string{}
	for _, words := range [][]string{
		{"--no-optional-locks", "status", "--porcelain=v2", "--branch", "--ignored"},
		{"ls-files", "--stage"},
		{"for-each-ref"},
		{"rev-parse", "HEAD"},
		{"stash", "list"},
		{"config", "--list", "--local"},
	} {
		s["git "+strings.Join(words, " ")] = gitIn(t, dir, words...)
	}
	index := gitIn(t, dir, "rev-parse", "--git-path", "index")
	if !filepath.IsAbs(index) {
		index = filepath.Join(dir, index)
	}
	bytes, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	s["index"] = string(bytes)
	files(t, dir, s)
	return s
}

func files(t *testing.T, dir string, into map[string]string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && e.Name() == ".git" {
			return cmp.Or(err, fs.SkipDir)
		}
		if e.Type().IsRegular() {
			text, err := os.ReadFile(path)
			into[path] = string(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// environments are the variables by which git tells a program that it starts about a repository,
// and others with which a user's shell may point git elsewhere.
func environments(t *testing.T, w *workshop, p place) map[string]map[string]string {
	t.Helper()
	gitDir := gitIn(t, p.top, "rev-parse", "--absolute-git-dir")
	common := gitIn(t, p.top, "rev-parse", "--path-format=absolute", "--git-common-dir")
	envs := map[string]map[string]string{
		"none":     {},
		"alias":    aliasEnvironment(t, p.top),
		"exported": {"GIT_DIR": gitDir, "GIT_WORK_TREE": p.top},
	}
	if p.name == "checkout" || p.name == "linked" {
		maps.Copy(envs, strangeEnvironments(w, p, gitDir, common))
	}
	return envs
}

func strangeEnvironments(w *workshop, p place, gitDir, common string) map[string]map[string]string {
	return map[string]map[string]string{
		"commit hook": {"GIT_DIR": gitDir, "GIT_INDEX_FILE": filepath.Join(gitDir, "index"), "GIT_PREFIX": ""},
		"tree only":   {"GIT_WORK_TREE": p.top},
		"index only":  {"GIT_INDEX_FILE": filepath.Join(gitDir, "index")},
		"objects":     {"GIT_COMMON_DIR": common, "GIT_OBJECT_DIRECTORY": filepath.Join(common, "objects")},
		"push hook":   {"GIT_DIR": gitDir, "GIT_QUARANTINE_PATH": filepath.Join(common, "objects", "quarantine"), "GIT_NAMESPACE": "other"},
		"parameters":  {"GIT_CONFIG_PARAMETERS": "'core.worktree'='" + p.top + "' 'core.bare'='false'"},
		"elsewhere":   {"GIT_DIR": filepath.Join(w.fake, "none"), "GIT_WORK_TREE": filepath.Join(w.fake, "none")},
	}
}

// aliasEnvironment is what git itself exports to an alias that is a shell command.
func aliasEnvironment(t *testing.T, dir string) map[string]string {
	t.Helper()
	env := map[string]string{}
	for line := range strings.Lines(gitIn(t, dir, "-c", "alias.environment=!env", "environment")) {
		if name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "="); strings.HasPrefix(name, "GIT_") && os.Getenv(name) != value {
			env[name] = value
		}
	}
	return env
}

// No build loses uncommitted work, wherever mrsk is started and whatever git's variables say; and
// it builds the commit of the folder that it is started in.
func TestPush_leaves_the_user_s_repository_as_it_is(t *testing.T) {
	w := newWorkshop(t)
	config := filepath.Join(t.TempDir(), "gitconfig")
	hooks := destructiveHooks(t)
	put(t, config, "[user]\n\tname = Ada\n\temail = ada@example.com\n[core]\n\thooksPath = "+hooks+"\n")
	for _, p := range places(t, w) {
		envs := environments(t, w, p)
		for _, name := range slices.Sorted(maps.Keys(envs)) {
			t.Run(p.name+"/"+name, func(t *testing.T) {
				want := state(t, p.top)
				t.Setenv("GIT_CONFIG_GLOBAL", config)
				t.Setenv("MRSK_TEST_TREE", p.top)
				for key, value := range envs[name] {
					t.Setenv(key, value)
				}
				defer func(parent *testing.T) { w.t = parent }(w.t)
				w.t, w.options.Project, w.options.Temp = t, p.project, t.TempDir()
				for range 2 { // a new clone, and one that is updated
					w.mustPush()
					checkBuilt(t, w, p)
				}
				for key := range envs[name] {
					os.Unsetenv(key)
				}
				if diff := gocmp.Diff(want, state(t, p.top)); diff != "" {
					t.Errorf("the build changed the checkout:\n%s", diff)
				}
			})
		}
	}
}

func checkBuilt(t *testing.T, w *workshop, p place) {
	t.Helper()
	want := "one\n"
	if p.name == "subfolder" {
		want = "api\n"
	}
	if built := w.told("built"); built != want {
		t.Errorf("built %q, want %q", built, want)
	}
}

// destructiveHooks are hooks of the user's that would destroy the work if a clone ran them.
func destructiveHooks(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"post-checkout", "reference-transaction", "post-index-change"} {
		text := "#!/bin/sh\n[ -z \"$MRSK_TEST_TREE\" ] || echo lost > \"$MRSK_TEST_TREE/app\"\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Temporary folders may lie in the checkout. A clone there that has lost its repository is not a
// reason to clean the checkout around it.
func TestPush_never_cleans_the_checkout_around_a_broken_clone(t *testing.T) {
	w := newWorkshop(t)
	w.options.Temp = filepath.Join(w.dir, "tmp")
	w.write("tmp/.gitignore", "*\n")
	w.mustPush()
	clone := strings.TrimSpace(w.told("where"))
	if err := os.Remove(filepath.Join(clone, ".git", "HEAD")); err != nil {
		t.Fatal(err)
	}
	leaveWork(t, w.dir)
	want := state(t, w.dir)
	w.mustPush()
	got := state(t, w.dir)
	maps.DeleteFunc(got, func(path, _ string) bool { return strings.HasPrefix(path, w.options.Temp) })
	maps.DeleteFunc(want, func(path, _ string) bool { return strings.HasPrefix(path, w.options.Temp) })
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A bare repository has no tree to build.
func TestPush_refuses_a_bare_repository(t *testing.T) {
	w := newWorkshop(t)
	bare := filepath.Join(t.TempDir(), "shop.git")
	w.git("clone", "--quiet", "--bare", w.dir, bare)
	put(t, filepath.Join(bare, "Dockerfile"), "FROM scratch\n")
	w.options.Project = bare
	if _, err := w.push(); err == nil || !strings.Contains(err.Error(), "must be run in a work tree") {
		t.Errorf("got %v", err)
	}
}
