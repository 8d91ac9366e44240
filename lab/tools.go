package lab

import (
	"context"
	"crypto/sha256"
	_ "embed" // the entry point of the Traefik image
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	traefikTag     = "v3.6"    // of the official image, and in the lab's registry
	traefikVersion = "v3.6.12" // built from source where there is no image
)

//go:embed images/traefik-entrypoint.sh
var traefikEntry string

// tools are the programs that go into images, and where they come from.
type tools struct {
	source string // this package's directory
	lab    string // cmd/part, static
	hash   string // of its content
}

// buildTools builds the command for the containers. Go's own build cache
// makes this quick when nothing has changed.
func buildTools(ctx context.Context) (tools, error) {
	source, err := output(exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", "mrsk/lab"))
	if err != nil {
		return tools{}, fmt.Errorf("the lab is built from source, run it inside mrsk's module: %w", err)
	}
	cache, err := cacheDir()
	if err != nil {
		return tools{}, err
	}
	t := tools{source: source, lab: filepath.Join(cache, "part-"+shortHash([]byte(source)))}
	err = goBuild(ctx, source, t.lab, "./cmd/part")
	if err != nil {
		return tools{}, err
	}
	content, err := os.ReadFile(t.lab)
	t.hash = shortHash(content)
	return t, err
}

func goBuild(ctx context.Context, dir, out, pkg string) error {
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", out, pkg}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOWORK=off", "GOFLAGS=")
	_, err := output(cmd)
	return err
}

// buildTraefik builds Traefik once; later labs find it in the cache.
func (t tools) buildTraefik(ctx context.Context, log io.Writer) (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(cache, "traefik-"+traefikVersion)
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	fmt.Fprintln(log, "lab: building Traefik from source (about 11 minutes on two cores the first time, then cached)")
	err = goBuild(ctx, filepath.Join(t.source, "images", "traefik"), binary+".new", "github.com/traefik/traefik/v3/cmd/traefik")
	if err != nil {
		return "", err
	}
	return binary, os.Rename(binary+".new", binary)
}

func shortHash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])[:12]
}

func cacheDir() (string, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(user, "mrsk-lab")
	return dir, os.MkdirAll(dir, 0o755)
}

// lockCache keeps two processes from building the same image at once.
func lockCache(log io.Writer) (unlock func(), err error) {
	dir, err := cacheDir()
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		return func() { file.Close() }, nil
	}
	fmt.Fprintln(log, "lab: another process makes images, waiting for it")
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
