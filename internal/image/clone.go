package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"mrsk/internal/event"
)

// source returns the directory to build in. Until release is called, no other build uses it.
func (b *Build) source(ctx context.Context) (dir string, release func(), err error) {
	if b.o.Spec.Builder.Context != "" {
		return b.o.Project, func() {}, b.warnUncommitted(ctx, "they are built, too")
	}
	var look errgroup.Group
	look.Go(func() error {
		return b.warnUncommitted(ctx, "they are not part of the image, which is built from the last commit")
	})
	c, err := b.checkout(ctx)
	if err := errors.Join(err, look.Wait()); err != nil {
		return "", nil, err
	}
	release, err = lockFile(ctx, c.parent+".lock", func() {
		b.o.Events(event.Note{Text: "waiting for another build of this checkout"})
	})
	if err != nil {
		return "", nil, fmt.Errorf("lock the clone: %w", err)
	}
	dir, err = c.ready(ctx)
	if err == nil {
		err = b.checkDockerfile(dir)
	}
	if err != nil {
		release()
		return "", nil, err
	}
	return dir, release, nil
}

// warnUncommitted warns of uncommitted changes. A project without git has none.
func (b *Build) warnUncommitted(ctx context.Context, consequence string) error {
	out, err := b.runner().output(ctx, git("status", "--porcelain"))
	if err != nil {
		return context.Cause(ctx)
	}
	if changes := strings.TrimRight(out, "\n"); changes != "" {
		b.o.Events(event.Warning{Text: "there are uncommitted changes; " + consequence + "\n" + changes})
	}
	return nil
}

// clone is a clean copy of a checkout's last commit.
type clone struct {
	runner   runner
	parent   string // folder of the clone, which only the user can read
	root     string // top folder of the checkout
	sub      string // the project's folder below root
	revision string
}

// checkout asks git for the root and the last commit of the project's checkout.
func (b *Build) checkout(ctx context.Context) (*clone, error) {
	r := b.runner()
	out, err := r.output(ctx, git("rev-parse", "--show-toplevel", "HEAD", "--show-prefix"))
	if err != nil {
		return nil, &CloneError{b.o.Project, err}
	}
	facts := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(facts) != 3 {
		return nil, &CloneError{b.o.Project, fmt.Errorf("git answered %q", out)}
	}
	top, err := clonesFolder(b.o.Temp)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(b.o.Project))
	parent := filepath.Join(top, b.o.Spec.Service+"-"+hex.EncodeToString(sum[:])[:13])
	return &clone{r, parent, facts[0], facts[2], facts[1]}, nil
}

// dir returns the folder of the clone. It has the name of the checkout's folder, because builds may use
// that name.
func (c *clone) dir() string {
	name := filepath.Base(c.root)
	if name == string(filepath.Separator) {
		name = "checkout"
	}
	return filepath.Join(c.parent, name)
}

// ready brings the clone to the revision and returns the project's folder in it. It updates an existing
// clone. If that fails, it removes the clone and clones again.
func (c *clone) ready(ctx context.Context) (string, error) {
	err := c.update(ctx)
	if err != nil && ctx.Err() == nil {
		err = c.recreate(ctx)
	}
	if err != nil {
		return "", &CloneError{c.dir(), err}
	}
	return filepath.Join(c.dir(), c.sub), nil
}

func (c *clone) update(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(c.dir(), ".git")); err != nil {
		return err
	}
	if err := c.runAll(ctx, c.updateCommands()); err != nil {
		return err
	}
	return c.complete(ctx)
}

// complete updates the submodules, and then validates the clone.
func (c *clone) complete(ctx context.Context) error {
	// Skipped without submodules: git submodule update is slow even then.
	if _, err := os.Stat(filepath.Join(c.dir(), ".gitmodules")); err == nil {
		if err := c.updateSubmodules(ctx); err != nil {
			return err
		}
	}
	return c.validate(ctx)
}

func (c *clone) runAll(ctx context.Context, commands []command) error {
	for _, command := range commands {
		if _, err := c.runner.output(ctx, command); err != nil {
			return err
		}
	}
	return nil
}

func (c *clone) updateCommands() []command {
	return []command{
		// HEAD by name, because a detached HEAD is on no branch. Into a ref, because otherwise git
		// fetches no tags.
		c.git("fetch", "--quiet", "--force", c.root, "HEAD:refs/mrsk/HEAD"),
		c.git("reset", "--quiet", "--hard", c.revision),
		c.git("clean", "--quiet", "-ffdx"),
	}
}

// updateSubmodules sets the remote of the clone to that of the checkout, because git resolves relative
// URLs of submodules against it. Then it updates the submodules.
func (c *clone) updateSubmodules(ctx context.Context) error {
	url, err := c.runner.output(ctx, git("ls-remote", "--get-url"))
	if ctx.Err() != nil {
		return err
	}
	return c.runAll(ctx, []command{
		c.git("remote", "set-url", "origin", c.remote(strings.TrimSpace(url))),
		c.git("submodule", "--quiet", "update", "--init", "--recursive", "--force"),
	})
}

// remote makes the URL of the checkout's remote absolute. If there is no remote, git prints nothing or,
// in some versions, "origin"; relative URLs of submodules are then relative to the checkout.
func (c *clone) remote(url string) string {
	switch {
	case url == "" || url == "origin":
		return c.root
	case filepath.IsAbs(url) || strings.Contains(url, ":"):
		return url
	}
	return filepath.Join(c.root, url)
}

// git returns a git command on the clone. It names both folders. Otherwise git would search the parent
// folders if the clone is broken, and could change the user's own repository.
func (c *clone) git(words ...string) command {
	dir := c.dir()
	return git(noHooks...).with("-C", dir, "--git-dir="+filepath.Join(dir, ".git"), "--work-tree="+dir).with(words...)
}

// noHooks are options that turn off git hooks in the clone. The user's configuration may set hooks for
// all repositories.
var noHooks = []string{"-c", "core.hooksPath=" + os.DevNull, "-c", "core.fsmonitor=false"}

func (c *clone) recreate(ctx context.Context) error {
	if err := os.RemoveAll(c.parent); err != nil {
		return fmt.Errorf("remove the old clone: %w", err)
	}
	if err := os.MkdirAll(c.parent, 0o700); err != nil {
		return fmt.Errorf("create the folder of the clone: %w", err)
	}
	if err := c.runner.run(ctx, "clone the checkout", c.command()); err != nil {
		return err
	}
	return c.complete(ctx)
}

// command names the remote, because clone.defaultRemoteName may give it another name.
func (c *clone) command() command {
	return git(noHooks...).with("-C", c.parent, "clone", "--origin", "origin", "--no-recurse-submodules", "--", c.root, filepath.Base(c.dir()))
}

// validate fails unless the clone is at the revision and has no other changes.
func (c *clone) validate(ctx context.Context) error {
	status, err := c.runner.output(ctx, c.git("status", "--porcelain=v2", "--branch"))
	if err != nil {
		return err
	}
	var changes []string
	for line := range strings.Lines(status) {
		if revision, ok := strings.CutPrefix(strings.TrimSpace(line), "# branch.oid "); ok && revision != c.revision {
			return fmt.Errorf("the clone is at %s, the checkout at %s", revision, c.revision)
		}
		if !strings.HasPrefix(line, "#") {
			changes = append(changes, line)
		}
	}
	if len(changes) > 0 {
		return errors.New("the clone is not clean:\n" + strings.TrimRight(strings.Join(changes, ""), "\n"))
	}
	return nil
}

// clonesFolder creates and returns the folder of all clones in temp. Other users can write to temp, and
// the owner of the folder could change what is built. So if another user owns the folder or can write
// to it, clonesFolder uses one with the user's ID in its name.
func clonesFolder(temp string) (string, error) {
	name := filepath.Join(temp, "mrsk-clones")
	for _, dir := range []string{name, fmt.Sprintf("%s-%d", name, os.Getuid())} {
		err := os.Mkdir(dir, 0o700)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("create the folder of clones: %w", err)
		}
		if isPrivate(dir) {
			return dir, nil
		}
	}
	return "", &CloneError{name, errors.New("the folder belongs to another user")}
}
