// Prints what BuildKit's Dockerfile frontend says about each case: a JSON array of {"text"} comes in on standard input, an
// array of verdicts goes out. Nothing is built and nothing downloaded: every image that a file names is an empty one.
//
// It is compiled inside a checkout of BuildKit, by ../record.py.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/pkg/errors"
)

type input struct {
	Text string `json:"text"`
}

// When is "read" for what the parser refuses, "build" for what is refused later, before the first step runs.
type verdict struct {
	When    string `json:"when,omitempty"`
	Message string `json:"message,omitempty"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
	// What BuildKit's checks say.
	Warnings []string `json:"warnings,omitempty"`
}

type images struct{}

func (images) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return ref, "", []byte(`{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["` + digest.FromString(ref).String() + `"]}}`), nil
}

func read(text string) error {
	ast, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return err
	}
	lint := linter.New(&linter.Config{Warn: func(string, string, string, string, []parser.Range) {}})
	stages, _, err := instructions.Parse(ast.AST, lint)
	if err == nil && len(stages) == 0 {
		return errors.New("dockerfile contains no stages to build")
	}
	return err
}

func build(text string, warn linter.LintWarnFunc) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	caps := pb.Caps.CapSet(pb.Caps.All())
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	result, err := dockerfile2llb.Dockerfile2LLB(context.Background(), []byte(text), dockerfile2llb.ConvertOpt{
		MetaResolver:   images{},
		TargetPlatform: &platform,
		LLBCaps:        &caps,
		Warn:           warn,
		AllStages:      true,
	})
	if err != nil {
		return err
	}
	_, err = result.State.Marshal(context.Background(), llb.Platform(platform))
	return err
}

func judge(text string) verdict {
	var warnings []string
	warn := func(rule, _, _, message string, _ []parser.Range) { warnings = append(warnings, rule+": "+message) }
	when, err := "read", read(text)
	if err == nil {
		when, err = "build", build(text, warn)
	}
	if err == nil {
		return verdict{Warnings: warnings}
	}
	v := verdict{When: when, Message: err.Error(), Warnings: warnings}
	var at *parser.LocationError
	if errors.As(err, &at) {
		for _, ranges := range at.Locations {
			if len(ranges) > 0 {
				v.Start, v.End = ranges[0].Start.Line, ranges[len(ranges)-1].End.Line
				break
			}
		}
	}
	return v
}

func main() {
	var cases []input
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	verdicts := make([]verdict, len(cases))
	for i, c := range cases {
		verdicts[i] = judge(c.Text)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(verdicts); err != nil {
		os.Exit(1)
	}
}
