package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"mrsk/internal/git"
	"mrsk/internal/local"
)

// checkout asks git about the project. git can wait for a hook, a credential helper or a network file system.
type checkout struct {
	console *console
	dir     string
	limit   time.Duration // 0 is gitTimeout
}

// gitTimeout is how long git may take for one answer. In large checkouts it takes seconds.
const gitTimeout = 2 * time.Minute

// gitSilentError reports that git did not come to an end.
type gitSilentError struct{ limit time.Duration }

func (e *gitSilentError) Error() string {
	return fmt.Sprintf("git did not finish within %v", e.limit)
}

// Hint says where to look.
func (e *gitSilentError) Hint() string {
	return "run git status here: a hook such as core.fsmonitor, or the file system may hang; or name the version with --version"
}

// version returns the version of the checkout, see git.Describe.
func (c checkout) version(ctx context.Context, fromClone bool) (string, error) {
	ctx, cancel := c.limited(ctx)
	defer cancel()
	defer c.console.waiting("git, for the version")()
	return git.Describe(ctx, local.Git, git.Options{Dir: c.dir, FromClone: fromClone})
}

// commits returns the commits between two versions, see git.Between.
func (c checkout) commits(ctx context.Context, from, to string) []string {
	ctx, cancel := c.limited(ctx)
	defer cancel()
	return git.Between(ctx, local.Git, c.dir, from, to)
}

// performer returns who runs the command, as git knows the user.
func (c checkout) performer(ctx context.Context) string {
	ctx, cancel := c.limited(ctx)
	defer cancel()
	defer c.console.waiting("git, for the name of the user")()
	return git.Whoami(ctx, local.Git, c.dir).Performer(local.User())
}

// subject returns the subject of the commit of a version, "" if git knows none.
func (c checkout) subject(ctx context.Context, version string) string {
	ctx, cancel := c.limited(ctx)
	defer cancel()
	defer c.console.waiting("git, for the subject of the commit")()
	return git.Subject(ctx, local.Git, c.dir, version)
}

// limited returns a context that ends with a *gitSilentError.
func (c checkout) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := cmp.Or(c.limit, gitTimeout)
	return context.WithTimeoutCause(ctx, limit, &gitSilentError{limit})
}
