package main

import (
	"debug/buildinfo"
	"encoding/json"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
)

// component is a part of a program in CycloneDX.
type component struct {
	Type    string `json:"type"`
	Name    string `json:"name"`
	Version string `json:"version"`
	PURL    string `json:"purl,omitempty"`
}

// sbom lists what a program was built from, as CycloneDX 1.5. It has no serial number and no date, so that the same
// program has the same list.
func sbom(info *buildinfo.BuildInfo, version string) []byte {
	parts := []component{{"library", "std", strings.TrimPrefix(info.GoVersion, "go"), "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go")}}
	for _, m := range info.Deps {
		parts = append(parts, moduleOf(m))
	}
	text, err := json.MarshalIndent(map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
		"metadata":   map[string]any{"component": component{"application", "mrsk", version, ""}},
		"components": parts,
	}, "", " ")
	if err != nil {
		panic(err) // strings cannot fail
	}
	return append(text, '\n')
}

func moduleOf(m *debug.Module) component {
	if m.Replace != nil {
		m = m.Replace
	}
	return component{"library", m.Path, m.Version, "pkg:golang/" + m.Path + "@" + m.Version}
}

func sortedKeys[T any](of map[string]T) []string { return slices.Sorted(maps.Keys(of)) }
