package report

import (
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// browser returns a Chromium, or skips the test.
func browser(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("it starts a browser")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no Chromium")
	return ""
}

// browse opens a page in a browser without a screen, and returns what the browser writes to stdout and stderr.
func browse(t *testing.T, page, fragment string, options ...string) (out, errs string) {
	t.Helper()
	program := browser(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "page.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	all := append([]string{
		"--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--hide-scrollbars",
		"--user-data-dir=" + filepath.Join(dir, "profile"), "--window-size=1280,1600",
	}, options...)
	cmd := exec.CommandContext(ctx, program, append(all, "file://"+file+fragment)...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	return stdout.String(), stderr.String()
}

// The browser builds the elements that the page has, complains about nothing, and opens the step that a link leads to.
func TestPage_in_a_browser(t *testing.T) {
	t.Parallel()
	r, run := saying(hostile)
	out, errs := browse(t, pageOf(t, r.Record, run), "", "--dump-dom")
	if strings.Contains(out, "<script") || strings.Contains(out, "<img") || !strings.Contains(out, "</footer>") {
		t.Errorf("the browser made of it:\n%s", out)
	}
	if strings.Contains(errs, "CONSOLE") {
		t.Errorf("the browser says:\n%s", errs)
	}
	page := pageOf(t, deployed().Record, deployedRun)
	const link, opened = `#s6`, `<details class="step" open=""`
	if !strings.Contains(page, `id="s6"`) || strings.Contains(page, opened) {
		t.Fatal("the page has changed: choose another step")
	}
	if out, _ = browse(t, page, link, "--dump-dom"); strings.Count(out, opened) != 1 {
		t.Error("a link to a step does not open it")
	}
}

// The page has the colours of the theme, and each look can be seen in both.
func TestPage_is_seen_in_light_and_dark(t *testing.T) {
	t.Parallel()
	page := pageOf(t, failed().Record, failedRun)
	for theme, want := range map[string]map[string]color.Color{
		"1": {"ground": rgb(0xff, 0xff, 0xff), "critical": rgb(0xd1, 0x23, 0x6f), "ran": rgb(0x3b, 0x73, 0xb9), "failed": rgb(0xb3, 0x26, 0x1e), "undo": rgb(0x8d, 0x5b, 0xc4)},
		"0": {"ground": rgb(0x14, 0x17, 0x1b), "critical": rgb(0xff, 0x6f, 0xae), "ran": rgb(0x3d, 0x6f, 0xae), "failed": rgb(0xff, 0x8a, 0x80), "undo": rgb(0xa8, 0x80, 0xd8)},
	} {
		file := filepath.Join(t.TempDir(), "page.png")
		browse(t, page, "", "--screenshot="+file, "--blink-settings=preferredColorScheme="+theme)
		seen := colors(t, file)
		for name, c := range want {
			if seen[c] < 50 {
				t.Errorf("theme %s: %s is seen in %d pixels", theme, name, seen[c])
			}
		}
	}
}

func rgb(r, g, b uint8) color.Color { return color.RGBA{r, g, b, 0xff} }

// colors counts the pixels of each color in a picture.
func colors(t *testing.T, file string) map[color.Color]int {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return count(picture)
}

func count(picture image.Image) map[color.Color]int {
	seen := map[color.Color]int{}
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			r, g, b, _ := picture.At(x, y).RGBA()
			seen[rgb(uint8(r>>8), uint8(g>>8), uint8(b>>8))]++
		}
	}
	return seen
}
