package local

import (
	"context"
	"strings"
)

// GitUnset returns the environment variables that make git use a certain repository, working tree or
// index. Git sets them for hooks and aliases. A git that inherits them works on the user's files, whatever
// folder it is started in. They are the variables of "git rev-parse --local-env-vars" without the two that
// hold configuration, and two that restrict refs.
func GitUnset() []string {
	return []string{
		"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_DIR", "GIT_GRAFT_FILE",
		"GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE",
		"GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_QUARANTINE_PATH",
		"GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
	}
}

// GitEnv returns the environment variables for every git that mrsk starts: no prompts, which nobody would
// see; English messages, which can be parsed; and no writes by commands that only read.
func GitEnv() []string {
	return []string{"GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0"}
}

// Git runs git on the repository that contains dir, and returns its stdout without the final newline. It
// ignores the variables of GitUnset. Errors are those of Run.
func Git(ctx context.Context, dir string, args ...string) (string, error) {
	r, err := Run(ctx, Command{Argv: append([]string{"git"}, args...), Dir: dir, Env: GitEnv(), Unset: GitUnset()})
	return strings.TrimSuffix(r.Stdout, "\n"), err
}
