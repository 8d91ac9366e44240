package cli

import (
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"mrsk/internal/event"
	"mrsk/internal/registry"
)

// imageLimit is how much the image cache may hold when no command uses it, unless MRSK_CACHE_SIZE
// says otherwise.
const imageLimit = 10e9

var sizeText = regexp.MustCompile(`(?i)^([0-9]+(?:\.[0-9]+)?)\s*([kmg]?)b?$`)

// readSize reads a number of bytes such as 20GB, 500m or 1000.
func readSize(text string) (size int64, ok bool) {
	parts := sizeText.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(parts[1], 64)
	unit := map[string]float64{"": 1, "k": 1e3, "m": 1e6, "g": 1e9}[strings.ToLower(parts[2])]
	return int64(n * unit), err == nil && n*unit < 1e18
}

func (o *opener) imageLimit() int64 {
	text := o.sys.Getenv("MRSK_CACHE_SIZE")
	if text == "" {
		return imageLimit
	}
	size, ok := readSize(text)
	if !ok {
		o.sink()(event.Warning{Text: fmt.Sprintf("MRSK_CACHE_SIZE=%s is not a size such as 20GB; using %s", text, registry.Size(imageLimit))})
		return imageLimit
	}
	return size
}

// imageStore is where images are kept that go to no registry.
func (o *opener) imageStore() *registry.Store {
	if o.images == nil {
		o.images = &registry.Store{Dir: filepath.Join(o.cacheDir(), "mrsk", "images"), Limit: o.imageLimit()}
	}
	return o.images
}

// cacheDir is the user's folder for what can be made again.
func (o *opener) cacheDir() string {
	switch dir := o.sys.Getenv("XDG_CACHE_HOME"); {
	case filepath.IsAbs(dir):
		return dir
	case runtime.GOOS == "darwin":
		return filepath.Join(o.sys.Home, "Library", "Caches")
	}
	return filepath.Join(o.sys.Home, ".cache")
}
