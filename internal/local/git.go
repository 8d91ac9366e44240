package local

import (
	"context"
	"strings"
)

// GitUnset returns the environment variables that bind git to a repository, a working tree or an
// index: those of "git rev-parse --local-env-vars" without the two that carry configuration, and
// two that restrict which refs can be read or written. Git exports them to hooks and aliases. A
// git that inherits them works on the user's files whatever folder it is started in.
func GitUnset() []string {
	return []string{
		"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_DIR", "GIT_GRAFT_FILE",
		"GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE",
		"GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_QUARANTINE_PATH",
		"GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
	}
}

// GitEnv returns the variables that every git started by mrsk gets: no prompt, which nobody would
// see; messages in English, which can be parsed; and no writing where a command only reads.
func GitEnv() []string {
	return []string{"GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0"}
}

// Git runs git on the repository that dir lies in, whatever git's variables say, and returns its
// stdout without the final newline.
func Git(ctx context.Context, dir string, args ...string) (string, error) {
	r, err := Run(ctx, Command{Argv: append([]string{"git"}, args...), Dir: dir, Env: GitEnv(), Unset: GitUnset()})
	return strings.TrimSuffix(r.Stdout, "\n"), err
}
