package lab

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Small images are put together by a script in a container, as a tree in /out
// that becomes an image of one layer. So they need no base image of their own.
const (
	packBusybox = `mkdir -p /out/bin /out/etc /out/root /out/tmp /out/usr /out/var
chmod 1777 /out/tmp
cp /usr/bin/busybox /out/bin/busybox
for name in $(busybox --list); do [ "$name" = busybox ] || ln -s busybox "/out/bin/$name"; done
ln -s ../bin /out/usr/bin
echo 'root:x:0:0:root:/root:/bin/sh' > /out/etc/passwd
echo 'root:x:0:' > /out/etc/group
`
	packApp = packBusybox + `install -m 755 /lab.bin /out/bin/lab
`
	// The official image is Alpine, whose busybox has more applets than these:
	// mrsk may need no others, so that the lab finds out when it does.
	packTraefik = `mkdir -p /out/bin /out/usr/local/bin /out/etc/ssl/certs /out/tmp /out/root
chmod 1777 /out/tmp
cp /usr/bin/busybox /out/bin/busybox
for name in sh cat mv rm ls nc wget sleep grep; do ln -s busybox "/out/bin/$name"; done
install -m 755 /traefik.bin /out/usr/local/bin/traefik
install -m 755 /entrypoint.sh /out/entrypoint.sh
cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/
echo 'root:x:0:0:root:/root:/bin/sh' > /out/etc/passwd
`
)

var (
	busyboxChanges = []string{"ENV PATH=/bin", `CMD ["sh"]`}
	appChanges     = []string{"ENV PATH=/bin", "EXPOSE 80", `CMD ["/bin/lab","app"]`}
	traefikChanges = []string{
		"ENV PATH=/usr/local/bin:/bin", "EXPOSE 80", "WORKDIR /",
		`ENTRYPOINT ["/entrypoint.sh"]`, `CMD ["traefik"]`,
		"LABEL org.opencontainers.image.title=Traefik",
		"LABEL org.opencontainers.image.version=" + traefikVersion,
	}
)

// A mount shows a file of this machine to the packing container.
type mount struct{ from, to string }

// pack runs the script in a container of image and imports the tree it made.
func pack(ctx context.Context, tag, image, script string, changes []string, mounts ...mount) error {
	args := []string{"run", "--rm"}
	for _, m := range mounts {
		args = append(args, "-v", m.from+":"+m.to+":ro")
	}
	args = append(args, image, "/bin/bash", "-ec", script+"tar -C /out -c .")
	return importTree(ctx, dockerCommand(ctx, args...), tag, changes)
}

// importTree makes an image of the tar stream that a command writes.
func importTree(ctx context.Context, source *exec.Cmd, tag string, changes []string) error {
	tree, err := source.StdoutPipe()
	if err != nil {
		return err
	}
	said := &limited{}
	source.Stderr = said
	if err := source.Start(); err != nil {
		return err
	}
	args := []string{"import"}
	for _, change := range changes {
		args = append(args, "-c", change)
	}
	sink := dockerCommand(ctx, append(args, "-", tag)...)
	sink.Stdin = tree
	_, imported := output(sink)
	if err := source.Wait(); err != nil {
		// The half of an image must not stand for the whole.
		_, _ = docker(ctx, "rmi", tag)
		return fmt.Errorf("%s: %w%s", brief(source.Args), err, tail(said.String()))
	}
	return imported
}

// limited keeps the first part of what a program says.
type limited struct{ text []byte }

// Write takes all and keeps some.
func (l *limited) Write(p []byte) (int, error) {
	if room := 8<<10 - len(l.text); room > 0 {
		l.text = append(l.text, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

func (l *limited) String() string { return string(l.text) }

// pullTimeout is short: where there is no registry the answer is no anyway.
const pullTimeout = 90 * time.Second

// pull gets an image under the lab's own tag, if it is to be had.
func pull(ctx context.Context, image, tag string) bool {
	ctx, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	if _, err := docker(ctx, "pull", "-q", image); err != nil {
		return false
	}
	_, err := docker(ctx, "tag", image, tag)
	return err == nil
}

// makeTraefik takes the official image where there is one.
func (t tools) makeTraefik(ctx context.Context, tag, packages string, log io.Writer) error {
	if pull(ctx, "traefik:"+traefikTag, tag) {
		return nil
	}
	binary, err := t.buildTraefik(ctx, log)
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
	return pack(ctx, tag, packages, packTraefik, traefikChanges,
		mount{binary, "/traefik.bin"}, mount{entry, "/entrypoint.sh"})
}
