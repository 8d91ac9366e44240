package lab

import (
	"context"
	_ "embed" // the entry point of the Traefik image
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// traefikTag is that of the official image, and of the one in the lab's registry.
const traefikTag = "v3.7"

// The official image is Alpine, whose busybox has more applets than these: mrsk may need no
// others, so that the lab finds out when it does.
const packTraefik = `mkdir -p /out/bin /out/usr/local/bin /out/etc/ssl/certs /out/tmp /out/root
chmod 1777 /out/tmp
cp /usr/bin/busybox /out/bin/busybox
for name in sh cat mv rm ls nc wget sleep grep; do ln -s busybox "/out/bin/$name"; done
install -m 755 /traefik.bin /out/usr/local/bin/traefik
install -m 755 /entrypoint.sh /out/entrypoint.sh
cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/
echo 'root:x:0:0:root:/root:/bin/sh' > /out/etc/passwd
`

//go:embed images/traefik-entrypoint.sh
var traefikEntry string

// traefikVersion is the version to build from source if the image cannot be pulled.
func (t tools) traefikVersion() string { return t.traefik.version("github.com/traefik/traefik/v3") }

func (t tools) traefikChanges() []string {
	return []string{
		"ENV PATH=/usr/local/bin:/bin", "EXPOSE 80", "WORKDIR /",
		`ENTRYPOINT ["/entrypoint.sh"]`, `CMD ["traefik"]`,
		"LABEL org.opencontainers.image.title=Traefik",
		"LABEL org.opencontainers.image.version=" + t.traefikVersion(),
	}
}

// traefikImage pulls the official image, or builds one if that fails.
func (t tools) traefikImage(tags imageTags, log io.Writer) imageBuild {
	pulled := false
	return imageBuild{
		tag: tags.traefik, from: []string{tags.packages}, message: "making the Traefik image (about 15 seconds)",
		prepare: func(ctx context.Context) error {
			if pulled = pull(ctx, "traefik:"+traefikTag, tags.traefik); pulled {
				return nil
			}
			_, err := t.traefikProgram(ctx, log)
			return err
		},
		make: func(ctx context.Context, tag string) error {
			if pulled {
				return nil
			}
			return t.makeTraefik(ctx, tag, tags.packages, log)
		},
	}
}

// traefikProgram builds Traefik, unless it is in the cache.
func (t tools) traefikProgram(ctx context.Context, log io.Writer) (file string, err error) {
	return t.traefik.cached("traefik-"+t.traefikVersion(), func(out string) error {
		fmt.Fprintln(log, "lab: building Traefik from source (about 5 minutes on two cores the first time, then cached)")
		return t.buildTraefik(ctx, out)
	})
}

func (t tools) makeTraefik(ctx context.Context, tag, packages string, log io.Writer) error {
	binary, err := t.traefikProgram(ctx, log)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(binary), "traefik-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	entry := filepath.Join(dir, "entrypoint.sh")
	if err := os.WriteFile(entry, []byte(traefikEntry), 0o755); err != nil {
		return err
	}
	return pack(ctx, tag, packages, packTraefik, t.traefikChanges(),
		mount{binary, "/traefik.bin"}, mount{entry, "/entrypoint.sh"})
}

func (t tools) buildTraefik(ctx context.Context, out string) error {
	dir, err := os.MkdirTemp("", "mrsk-lab-traefik-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := leanLego(ctx, t.traefik.dir, dir); err != nil {
		return err
	}
	version := "-X github.com/traefik/traefik/v3/pkg/version.Version=" + strings.TrimPrefix(t.traefikVersion(), "v")
	return goBuild(ctx, t.traefik.dir, out, version, "-modfile", filepath.Join(dir, "go.mod"), "github.com/traefik/traefik/v3/cmd/traefik")
}

// leanLego puts a go.mod into dir by which Traefik is built with one DNS provider instead of some
// 190: the programs of those vendors are two fifths of what there is to compile, and the module
// proxy does not serve all of them.
func leanLego(ctx context.Context, source, dir string) error {
	const script = `cp go.mod go.sum "$1"
go mod download github.com/go-acme/lego/v5
cp -r "$(go list -m -f '{{.Dir}}' github.com/go-acme/lego/v5)" "$1/lego"
chmod -R u+w "$1/lego"
cp provider.go.txt "$1/lego/providers/dns/zz_gen_dns_providers.go"
mkdir "$1/ext"
cp ext.go.txt "$1/ext/ext.go"
echo 'module github.com/traefik/traefik/dynamic/ext' > "$1/ext/go.mod"
go mod edit -replace "github.com/go-acme/lego/v5=$1/lego" -replace "github.com/traefik/traefik/dynamic/ext=$1/ext" "$1/go.mod"`
	cmd := exec.CommandContext(ctx, "sh", "-ec", script, "sh", dir)
	cmd.Dir, cmd.Env = source, goEnv()
	_, err := output(cmd)
	return err
}
