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

// source returns the directory to build in, which is the build's own until release is called.
func (b *Build) source(ctx context.Context) (dir string, release func(), err error) {
	if b.o.Spec.Builder.Context != "" {
		return b.o.Project, func() {}, b.tellChanges(ctx, "they are built, too")
	}
	var look errgroup.Group
	look.Go(func() error { return b.tellChanges(ctx, "they are not built: only what is committed is") })
	c, err := b.checkout(ctx)
	if err := errors.Join(err, look.Wait()); err != nil {
		return "", nil, err
	}
	release, err = hold(ctx, c.parent+".lock", func() {
		b.o.Events(event.Note{Text: "another build of this checkout is running: waiting for its end"})
	})
	if err != nil {
		return "", nil, fmt.Errorf("wait for the clone: %w", err)
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

// tellChanges warns of what is not committed. A project outside of git has nothing to tell.
func (b *Build) tellChanges(ctx context.Context, consequence string) error {
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
	parent   string // folder of the clone, private to the user
	root     string // top folder of the checkout
	sub      string // the project's folder below root
	revision string
}

// checkout asks git what there is to clone.
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

// dir is named after the checkout, since builds may use the name of their folder.
func (c *clone) dir() string {
	name := filepath.Base(c.root)
	if name == string(filepath.Separator) {
		name = "checkout"
	}
	return filepath.Join(c.parent, name)
}

// ready brings the clone to the revision and returns the project's folder in it. A clone that
// exists is updated; when that does not work out, it is made anew.
func (c *clone) ready(ctx context.Context) (string, error) {
	err := c.refresh(ctx)
	if err != nil && ctx.Err() == nil {
		err = c.renew(ctx)
	}
	if err != nil {
		return "", &CloneError{c.dir(), err}
	}
	return filepath.Join(c.dir(), c.sub), nil
}

func (c *clone) refresh(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(c.dir(), ".git")); err != nil {
		return err
	}
	if err := c.each(ctx, c.updates()); err != nil {
		return err
	}
	return c.complete(ctx)
}

// complete brings the submodules to the revision and checks the whole clone.
func (c *clone) complete(ctx context.Context) error {
	// Asking git to update submodules takes longer than all else, also when there are none.
	if _, err := os.Stat(filepath.Join(c.dir(), ".gitmodules")); err == nil {
		if err := c.updateSubmodules(ctx); err != nil {
			return err
		}
	}
	return c.validate(ctx)
}

func (c *clone) each(ctx context.Context, commands []command) error {
	for _, command := range commands {
		if _, err := c.runner.output(ctx, command); err != nil {
			return err
		}
	}
	return nil
}

func (c *clone) updates() []command {
	return []command{
		// HEAD by name, as a detached one is on no branch; into a ref, as else no tags follow.
		c.git("fetch", "--quiet", "--force", c.root, "HEAD:refs/mrsk/HEAD"),
		c.git("reset", "--quiet", "--hard", c.revision),
		c.git("clean", "--quiet", "-ffdx"),
	}
}

// updateSubmodules gives the clone the remote of the checkout first: git resolves the relative URLs
// of submodules against it.
func (c *clone) updateSubmodules(ctx context.Context) error {
	url, err := c.runner.output(ctx, git("ls-remote", "--get-url"))
	if ctx.Err() != nil {
		return err
	}
	return c.each(ctx, []command{
		c.git("remote", "set-url", "origin", c.remote(strings.TrimSpace(url))),
		c.git("submodule", "--quiet", "update", "--init", "--recursive", "--force"),
	})
}

// remote makes the URL of the checkout's remote usable in the clone. Without a remote (""; some
// versions of git say origin) relative URLs are relative to the checkout itself.
func (c *clone) remote(url string) string {
	switch {
	case url == "" || url == "origin":
		return c.root
	case filepath.IsAbs(url) || strings.Contains(url, ":"):
		return url
	}
	return filepath.Join(c.root, url)
}

// git is a command on the clone. Both folders are named, so that git never looks for a repository
// further up, where it could find the user's own.
func (c *clone) git(words ...string) command {
	dir := c.dir()
	return git(noHooks...).with("-C", dir, "--git-dir="+filepath.Join(dir, ".git"), "--work-tree="+dir).with(words...)
}

// noHooks keeps the user's own hooks, which their configuration may name for all repositories,
// from running in the clone.
var noHooks = []string{"-c", "core.hooksPath=" + os.DevNull, "-c", "core.fsmonitor=false"}

func (c *clone) renew(ctx context.Context) error {
	if err := os.RemoveAll(c.parent); err != nil {
		return fmt.Errorf("remove the old clone: %w", err)
	}
	if err := os.MkdirAll(c.parent, 0o700); err != nil {
		return fmt.Errorf("make the clone's folder: %w", err)
	}
	if err := c.runner.run(ctx, "clone the checkout", c.command()); err != nil {
		return err
	}
	return c.complete(ctx)
}

func (c *clone) command() command {
	return git(noHooks...).with("-C", c.parent, "clone", "--no-recurse-submodules", "--", c.root, filepath.Base(c.dir()))
}

// validate makes sure that what is built is what is committed.
func (c *clone) validate(ctx context.Context) error {
	status, err := c.runner.output(ctx, c.git("status", "--porcelain=v2", "--branch"))
	if err != nil {
		return err
	}
	var dirt []string
	for line := range strings.Lines(status) {
		if revision, ok := strings.CutPrefix(strings.TrimSpace(line), "# branch.oid "); ok && revision != c.revision {
			return fmt.Errorf("the clone is at %s, the checkout at %s", revision, c.revision)
		}
		if !strings.HasPrefix(line, "#") {
			dirt = append(dirt, line)
		}
	}
	if len(dirt) > 0 {
		return errors.New("the clone is not clean:\n" + strings.TrimRight(strings.Join(dirt, ""), "\n"))
	}
	return nil
}

// clonesFolder returns the folder of all clones in temp, and makes it. temp is shared, and who
// owns the folder decides what is built: one that another user made or can write to is left
// alone, and a folder with the user's number in its name takes its place.
func clonesFolder(temp string) (string, error) {
	name := filepath.Join(temp, "mrsk-clones")
	for _, dir := range []string{name, fmt.Sprintf("%s-%d", name, os.Getuid())} {
		err := os.Mkdir(dir, 0o700)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("make the folder of clones: %w", err)
		}
		if private(dir) {
			return dir, nil
		}
	}
	return "", &CloneError{name, errors.New("the folder belongs to somebody else")}
}
