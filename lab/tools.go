package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// tools are the programs in the images, with their sources.
type tools struct {
	lab     string // cmd/part, static
	hash    string // of its content
	traefik module
	engine  module
}

// buildTools builds the command for the containers. Go's own build cache
// makes this quick when nothing has changed.
func buildTools(ctx context.Context) (tools, error) {
	source, err := output(exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", "mrsk/lab"))
	if err != nil {
		return tools{}, fmt.Errorf("the lab is built from source, run it inside mrsk's module: %w", err)
	}
	traefik, errTraefik := readModule(filepath.Join(source, "images", "traefik"))
	engine, errEngine := readModule(filepath.Join(source, "images", "engine"))
	program, hash, err := buildPart(ctx, source)
	return tools{lab: program, hash: hash, traefik: traefik, engine: engine}, firstOf(errTraefik, errEngine, err)
}

// buildPart builds the lab's own program, under a name of its own for each checkout.
func buildPart(ctx context.Context, source string) (program, hash string, err error) {
	cache, err := cacheDir()
	if err != nil {
		return "", "", err
	}
	unlock, err := lockCache("part.lock", nil)
	if err != nil {
		return "", "", err
	}
	defer unlock()
	program = filepath.Join(cache, "part-"+digest(source))
	if err := goBuild(ctx, source, program, "", "./cmd/part"); err != nil {
		return "", "", err
	}
	content, err := os.ReadFile(program)
	return program, digest(string(content)), err
}

// goBuild builds programs without cgo, whatever the user's settings are.
func goBuild(ctx context.Context, dir, out, ldflags string, args ...string) error {
	flags := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w " + ldflags, "-o", out}
	cmd := exec.CommandContext(ctx, "go", append(flags, args...)...)
	cmd.Dir, cmd.Env = dir, goEnv()
	_, err := output(cmd)
	return err
}

func goEnv() []string {
	return append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOWORK=off", "GOFLAGS=")
}

// digest is a short name for all inputs, each of them apart.
func digest(inputs ...string) string {
	sum := sha256.New()
	for _, input := range inputs {
		fmt.Fprintf(sum, "%d:%s", len(input), input)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

func cacheDir() (string, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(user, "mrsk-lab")
	return dir, os.MkdirAll(dir, 0o755)
}

// lockCache keeps two processes from building the same at once. A wait is told to log unless that
// is nil.
func lockCache(name string, log io.Writer) (unlock func(), err error) {
	dir, err := cacheDir()
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		return func() { file.Close() }, nil
	}
	if log != nil {
		fmt.Fprintln(log, "lab: another process makes images, waiting for it")
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		file.Close()
		return nil, err
	}
	return func() { file.Close() }, nil
}

// aptProxy are the lines of apt's configuration which tell how archives are reached.
func aptProxy(dump string) string {
	var lines strings.Builder
	for line := range strings.Lines(dump) {
		if strings.HasPrefix(line, "Acquire::http") || strings.HasPrefix(line, "Acquire::Retries") {
			lines.WriteString(line)
		}
	}
	return lines.String()
}
