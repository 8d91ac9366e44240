// Package git reads from the git checkout which version is deployed, and by whom. It changes nothing.
package git

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Runner runs git with args in dir ("" is the working directory) and returns its standard output.
// Its error is returned to callers, wrapped.
type Runner func(ctx context.Context, dir string, args ...string) (string, error)

// Options say which checkout to describe, and how images are built from it.
type Options struct {
	Dir string // "" is the working directory

	// FromClone says that images are built from a clean clone, without uncommitted changes.
	FromClone bool

	Random io.Reader // for the suffix of a changed tree; nil is crypto/rand
}

// NoRepositoryError reports that the folder has no git commit to derive a version from: it is in no
// repository, or the repository has no commit yet.
type NoRepositoryError struct {
	Text string // why; "" if unknown
	Err  error  // the error of git
}

func (e *NoRepositoryError) Error() string {
	if e.Text != "" {
		return "no version can be derived from git: " + e.Text
	}
	return fmt.Sprintf("no version can be derived from git: %v", e.Err)
}

// Unwrap returns the error of git.
func (e *NoRepositoryError) Unwrap() error { return e.Err }

// Hint returns the other ways to set a version.
func (e *NoRepositoryError) Hint() string {
	if e.Text != "" {
		return "commit the project: git add -A && git commit; or name the version with --version, or in the environment variable VERSION"
	}
	return "make it a repository: git init && git add -A && git commit; or name the version with --version, or in the environment variable VERSION"
}

// Describe returns the version of the checkout: the full hash of HEAD. If uncommitted changes become
// part of the image, it appends _uncommitted_ and 16 random hex digits, so that each build of a changed
// tree is a version of its own. The error is a *NoRepositoryError if there is no commit, the cause of
// ctx, or an error of git.
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

// noCommit returns the error for a checkout without a commit.
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

// Changes returns the uncommitted changes, one file per line as git status --porcelain prints them, and
// "" for a clean tree.
func Changes(ctx context.Context, run Runner, dir string) (string, error) {
	out, err := run(ctx, dir, "status", "--porcelain")
	if err != nil {
		return "", fmt.Errorf("look for uncommitted changes: %w", err)
	}
	return strings.TrimRight(out, "\n"), nil
}

// Root returns the top folder of the checkout that contains dir.
func Root(ctx context.Context, run Runner, dir string) (string, error) {
	root, err := line(run(ctx, dir, "rev-parse", "--show-toplevel"))
	if err != nil {
		return "", fmt.Errorf("find the git checkout: %w", err)
	}
	return root, nil
}

// Subject returns the subject of the commit that a version names, "" if it names none or git fails. A version with
// uncommitted changes has the subject of the commit that they were made on.
func Subject(ctx context.Context, run Runner, dir, version string) string {
	commit, _, _ := strings.Cut(version, "_")
	if commit == "" || strings.HasPrefix(commit, "-") {
		return ""
	}
	out, err := run(ctx, dir, "log", "-1", "--no-show-signature", "--format=%s", commit+"^{commit}", "--")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(out)
}

// Abbreviate returns the first seven characters of a version, for display. It does not shorten a version
// with an underscore, such as one with uncommitted changes.
func Abbreviate(version string) string {
	if len(version) <= 7 || strings.Contains(version, "_") {
		return version
	}
	return version[:7]
}

// shown is how many commits Between returns.
const shown = 10

// Between returns the commits that a version has and another one lacks, newest first: the abbreviated hash and the
// subject of each. If there are more than ten, the last line says how many. It returns nil if the checkout does not know
// the versions.
func Between(ctx context.Context, run Runner, dir, from, to string) []string {
	to, _, _ = strings.Cut(to, "_uncommitted_")
	if !hash.MatchString(from) || !hash.MatchString(to) {
		return nil
	}
	out, err := run(ctx, dir, "log", "--no-color", "--format=%h %s", from+".."+to, "--")
	if err != nil {
		return nil
	}
	commits := strings.Split(strings.TrimSpace(out), "\n")
	if more := len(commits) - shown; more > 0 {
		commits = append(commits[:shown], fmt.Sprintf("and %d more", more))
	}
	return slices.DeleteFunc(commits, func(c string) bool { return c == "" })
}

// hash matches a commit. Other versions are never given to git, which could take them for options.
var hash = regexp.MustCompile(`^[0-9a-f]{7,64}$`)

// User is the user.name and user.email of git. Fields that are not configured are empty.
type User struct{ Name, Email string }

// Whoami returns the git user for the checkout. It returns the zero User if git fails.
func Whoami(ctx context.Context, run Runner, dir string) User {
	out, err := run(ctx, dir, "config", "--get-regexp", `^user\.(name|email)$`)
	if err != nil {
		return User{}
	}
	var u User
	for line := range strings.Lines(out) { // the last value of a key counts
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), " "); key {
		case "user.name":
			u.Name = value
		case "user.email":
			u.Email = value
		}
	}
	return u
}

// Performer returns the name of the user for records: the e-mail address, or login, the user name on
// this machine, if there is none.
func (u User) Performer(login string) string {
	if u.Email != "" {
		return u.Email
	}
	return login
}

func line(out string, err error) (string, error) { return strings.TrimSpace(out), err }
