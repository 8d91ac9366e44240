// Package git asks the git checkout what is being deployed and who deploys it. It only reads.
package git

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// Runner runs git with args in dir ("" is the working directory) and returns its standard
// output.
type Runner func(ctx context.Context, dir string, args ...string) (string, error)

// Options say which checkout, and how it is built.
type Options struct {
	Dir string // "" is the working directory

	// FromClone says that images are built from a clean clone, so that uncommitted changes are
	// not part of them.
	FromClone bool

	Random io.Reader // for the suffix of a changed tree; nil is crypto/rand
}

// NoRepositoryError is a folder in which git names no commit, so that there is nothing to derive
// a version from: mostly as it is in no repository, or in one without a commit.
type NoRepositoryError struct {
	Text string // why, where that is known
	Err  error  // what git said
}

func (e *NoRepositoryError) Error() string {
	if e.Text != "" {
		return "no version can be derived from git: " + e.Text
	}
	return fmt.Sprintf("no version can be derived from git: %v", e.Err)
}

func (e *NoRepositoryError) Unwrap() error { return e.Err }

// Hint names the other ways to give a version.
func (e *NoRepositoryError) Hint() string {
	if e.Text != "" {
		return "commit the project: git add -A && git commit; or name the version with --version, or in the environment variable VERSION"
	}
	return "name the version with --version, or in the environment variable VERSION"
}

// Describe returns the version of the checkout: the full hash of HEAD. Where the tree has
// changes that become part of the image, _uncommitted_ and 16 random hex digits follow, so that
// two builds of changed trees are never taken for one version. The error is a
// *NoRepositoryError when there is no commit.
func Describe(ctx context.Context, run Runner, opts Options) (string, error) {
	hash, err := line(run(ctx, opts.Dir, "rev-parse", "--verify", "HEAD"))
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", noCommit(ctx, run, opts.Dir, err)
	}
	if opts.FromClone {
		return hash, nil
	}
	changes, err := Changes(ctx, run, opts.Dir)
	if err != nil || changes == "" {
		return hash, err
	}
	suffix, err := opts.suffix()
	return hash + suffix, err
}

// noCommit explains why git told no commit.
func noCommit(ctx context.Context, run Runner, dir string, err error) error {
	_, outside := run(ctx, dir, "rev-parse", "--git-dir")
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case outside == nil:
		return &NoRepositoryError{Text: "the repository has no commit yet", Err: err}
	}
	return &NoRepositoryError{Err: err}
}

func (o Options) suffix() (string, error) {
	random := o.Random
	if random == nil {
		random = rand.Reader
	}
	var digits [8]byte
	if _, err := io.ReadFull(random, digits[:]); err != nil {
		return "", fmt.Errorf("name the uncommitted changes: %w", err)
	}
	return "_uncommitted_" + hex.EncodeToString(digits[:]), nil
}

// Changes returns what differs from HEAD, one file per line as git status --porcelain shows
// them; "" for a clean tree.
func Changes(ctx context.Context, run Runner, dir string) (string, error) {
	out, err := run(ctx, dir, "status", "--porcelain")
	if err != nil {
		return "", fmt.Errorf("look for uncommitted changes: %w", err)
	}
	return strings.TrimRight(out, "\n"), nil
}

// Root is the top folder of the checkout that dir is in.
func Root(ctx context.Context, run Runner, dir string) (string, error) {
	root, err := line(run(ctx, dir, "rev-parse", "--show-toplevel"))
	if err != nil {
		return "", fmt.Errorf("find the git checkout: %w", err)
	}
	return root, nil
}

// Abbreviate is the form of a version for people: its first seven characters. A version with an
// underscore is something special and stays whole.
func Abbreviate(version string) string {
	if len(version) <= 7 || strings.Contains(version, "_") {
		return version
	}
	return version[:7]
}

// User is who deploys. Fields are empty where git is not configured, or not installed.
type User struct{ Name, Email string }

// Whoami returns git's user for the checkout.
func Whoami(ctx context.Context, run Runner, dir string) User {
	out, err := run(ctx, dir, "config", "--get-regexp", `^user\.(name|email)$`)
	if err != nil {
		return User{}
	}
	var u User
	for line := range strings.Lines(out) { // the last of a key counts
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), " "); key {
		case "user.name":
			u.Name = value
		case "user.email":
			u.Email = value
		}
	}
	return u
}

// Performer is how the user is called in records: the e-mail address, else login, the name on
// this machine.
func (u User) Performer(login string) string {
	if u.Email != "" {
		return u.Email
	}
	return login
}

func line(out string, err error) (string, error) { return strings.TrimSpace(out), err }
