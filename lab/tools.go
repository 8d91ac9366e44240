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

//go:embed images/lego-provider.go.txt
var legoProvider string

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

func goBuild(ctx context.Context, dir, out string, what ...string) error {
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", out}
	cmd := exec.CommandContext(ctx, "go", append(args, what...)...)
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
	fmt.Fprintln(log, "lab: building Traefik from source (about 5 minutes on two cores the first time, then cached)")
	dir, err := os.MkdirTemp("", "mrsk-lab-traefik-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	source := filepath.Join(t.source, "images", "traefik")
	if err := leanLego(ctx, source, dir); err != nil {
		return "", err
	}
	err = goBuild(ctx, source, binary+".new", "-modfile", filepath.Join(dir, "go.mod"), "github.com/traefik/traefik/v3/cmd/traefik")
	if err != nil {
		return "", err
	}
	return binary, os.Rename(binary+".new", binary)
}

// leanLego puts a go.mod into dir by which Traefik is built with one DNS provider instead of some
// 190: the programs of those vendors are two fifths of what there is to compile.
func leanLego(ctx context.Context, source, dir string) error {
	const script = `cp go.mod go.sum "$1"
go mod download github.com/go-acme/lego/v4
cp -r "$(go list -m -f '{{.Dir}}' github.com/go-acme/lego/v4)" "$1/lego"
chmod -R u+w "$1/lego"
cp "$2" "$1/lego/providers/dns/zz_gen_dns_providers.go"
go mod edit -replace "github.com/go-acme/lego/v4=$1/lego" "$1/go.mod"`
	provider := filepath.Join(dir, "provider.go")
	if err := os.WriteFile(provider, []byte(legoProvider), 0o644); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "sh", "-ec", script, "sh", dir, provider)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	_, err := output(cmd)
	return err
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
