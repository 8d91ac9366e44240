package registry

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// TestMain plays a process that uses the cache in the folder of the variable until it is killed.
func TestMain(m *testing.M) {
	dir := os.Getenv("USE_CACHE")
	if dir == "" {
		os.Exit(m.Run())
	}
	for round := 0; ; round++ {
		if err := useCache(dir, round); err != nil {
			fmt.Fprintln(os.Stdout, err)
			os.Exit(1)
		}
	}
}

// useCache puts images into the cache, reads them, and closes it. It says what it does.
func useCache(dir string, round int) error {
	c, err := Open(dir)
	if err != nil {
		return err
	}
	for i := range 3 {
		tag := fmt.Sprintf("v%d", (round+i)%5)
		if err := addImage(c, tag); err != nil {
			return err
		}
		if _, err := c.Image("shop", tag); err != nil && !errors.As(err, new(*MissingError)) {
			return err
		}
		fmt.Fprintln(os.Stdout, "added")
	}
	fmt.Fprintln(os.Stdout, "closing")
	return c.Close(2 << 20)
}

func addImage(c *Cache, tag string) error {
	layer := make([]byte, 256<<10)
	_, _ = rand.Read(layer)
	m := ocispec.Manifest{MediaType: ocispec.MediaTypeImageManifest}
	for _, text := range []string{config, "a layer that all have", string(layer)} {
		d, err := c.put(strings.NewReader(text), "")
		if err != nil {
			return err
		}
		m.Layers = append(m.Layers, d)
	}
	m.Config, m.Layers = m.Layers[0], m.Layers[1:]
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	d, err := c.put(strings.NewReader(string(text)), "")
	if err != nil {
		return err
	}
	return c.Tag("shop", tag, d)
}

// killedAfter runs a process that uses the cache and kills it after it has printed so many lines.
func killedAfter(t *testing.T, dir string, lines int) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Error(err)
		return
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), "USE_CACHE="+dir)
	said, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Error(err)
		return
	}
	read := bufio.NewScanner(said)
	for range lines {
		if !read.Scan() || read.Text() != "added" && read.Text() != "closing" {
			t.Errorf("the process that uses the cache says %q, %v", read.Text(), read.Err())
			break
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
}

// Whatever a run was doing when it was killed, and whatever others do meanwhile, all that is in the
// cache is whole, and the next run works.
func TestCache_is_sound_after_processes_were_killed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rounds := 20
	if testing.Short() {
		rounds = 5
	}
	for range rounds {
		var several sync.WaitGroup
		for range 3 {
			several.Go(func() { killedAfter(t, dir, 1+mathrand.IntN(12)) })
		}
		several.Wait()
		expectSound(t, dir)
		if t.Failed() {
			return
		}
	}
}

// expectSound opens the cache as the next run does and looks at all that is there.
func expectSound(t *testing.T, dir string) {
	t.Helper()
	c, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range must(c.blobs()) {
		text := must(os.ReadFile(b.path))
		if got := digest.FromBytes(text).Encoded(); got != filepath.Base(b.path) {
			t.Errorf("the blob %s has the digest %s", filepath.Base(b.path), got)
		}
	}
	if err := addImage(c, "next"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Image("shop", "next"); err != nil {
		t.Error(err)
	}
	if err := c.Close(plenty); err != nil {
		t.Error(err)
	}
	expectTags(t, dir)
	if left := must(os.ReadDir(filepath.Join(dir, "work"))); len(left) > 0 {
		t.Errorf("left of processes that were killed: %v", left)
	}
}

// expectTags fails where a tag is not whole, or has lost its manifest.
func expectTags(t *testing.T, dir string) {
	t.Helper()
	c := &Cache{dir: dir}
	err := c.eachTag(func(file string) error {
		d, err := readTag(file)
		if err == nil {
			_, err = c.stat(d.Digest)
		}
		return err
	})
	if err != nil {
		t.Errorf("a tag: %v", err)
	}
}
